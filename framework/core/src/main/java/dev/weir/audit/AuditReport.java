package dev.weir.audit;

import java.util.List;
import java.util.Objects;

/**
 * What a verification looked at, and what it found.
 *
 * @param head the end of the chain as it stands
 * @param rows how many rows the chain has
 * @param signatures how many of them are signed
 * @param checkedSignatures how many signatures were checked; 0 where no public key was given
 * @param sealedEvents how many events the seals name
 * @param unsealedEvents how many events were committed after the last seal
 * @param models how many fitted models' files were digested
 * @param modelFiles how many files they have
 * @param pinned how many pinned dataset versions were looked for
 * @param deleted how many pinned dataset versions are gone because somebody deleted them
 * @param findings what is not as it was recorded
 */
public record AuditReport(
    AuditHead head,
    long rows,
    long signatures,
    long checkedSignatures,
    long sealedEvents,
    long unsealedEvents,
    long models,
    long modelFiles,
    long pinned,
    long deleted,
    List<Finding> findings) {
  public AuditReport {
    Objects.requireNonNull(head);
    findings = List.copyOf(findings);
  }

  /** Whether everything is as it was recorded. */
  public boolean intact() {
    return findings.isEmpty();
  }
}
