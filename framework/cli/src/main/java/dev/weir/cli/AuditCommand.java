package dev.weir.cli;

import dev.weir.audit.AuditHead;
import dev.weir.audit.AuditKey;
import dev.weir.config.Project;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks at the audit chain. */
@Command(
    name = "audit",
    description = {
      "Check that nothing in the home was changed behind Weir's back.",
      "",
      "The audit chain, lineage.audit in SQL, holds what was done to models and data, and the digest of every event, each row with the hash of the one before."
    },
    mixinStandardHelpOptions = true,
    subcommands = {AuditCommand.Verify.class, AuditCommand.Head.class, AuditCommand.Log.class})
final class AuditCommand implements Runnable {
  @CommandLine.Spec CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(System.out);
    }
  }

  /** Holds the home against its chain. */
  @Command(
      name = "verify",
      description = {
        "Hold the home against its audit chain, and name whatever differs. Changes nothing.",
        "",
        "Looks at the chain's rows, the events that it seals, the files of every model, and the dataset versions that registered models stand on. Ends with 1 if anything differs."
      },
      mixinStandardHelpOptions = true,
      footer = {
        "",
        "Examples:",
        "  ./weir audit verify",
        "  ./weir audit verify --head 12:ab34… --public-key audit.pub"
      })
  static final class Verify implements Callable<Integer> {
    @Option(
        names = "--head",
        paramLabel = "NUMBER:HASH",
        description =
            "A head that ./weir audit head printed, kept where nobody who writes to the home can change it: without one, a chain that was cut off or made anew as a whole may pass.")
    @Nullable String head;

    @Option(
        names = "--public-key",
        paramLabel = "FILE",
        description =
            "Check signatures by this key, as openssl pkey -in key.pem -pubout prints it.")
    @Nullable String publicKey;

    @Option(names = "--json", description = "Print one JSON object instead of text.")
    boolean json;

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() {
      Project project = workspace.project();
      return new AuditActions(workspace.home(project), System.out, System.err)
          .verify(
              head == null ? null : AuditHead.parse(head),
              publicKey == null ? null : AuditKey.Public.read(workspace.path(publicKey)),
              project.config().retention(),
              json);
    }
  }

  /** Prints the chain's end. */
  @Command(
      name = "head",
      description = {
        "Bring everything under the audit chain, and print its end to be kept elsewhere.",
        "",
        "Whoever has it can tell later whether anything before it was changed."
      },
      mixinStandardHelpOptions = true)
  static final class Head implements Callable<Integer> {
    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() {
      Project project = workspace.project();
      return new AuditActions(workspace.home(project), System.out, System.err)
          .head(AuditKey.of(project), workspace.place());
    }
  }

  /** Lists the chain's rows. */
  @Command(
      name = "log",
      description = "List what the audit chain holds, the newest first.",
      mixinStandardHelpOptions = true)
  static final class Log implements Callable<Integer> {
    @Option(
        names = "--limit",
        paramLabel = "N",
        converter = AtLeastOne.class,
        description = "How many rows at most; ${DEFAULT-VALUE} unless set.")
    int limit = 20;

    @Mixin Workspace workspace = new Workspace();

    @Override
    public Integer call() {
      Project project = workspace.project();
      return new AuditActions(workspace.home(project), System.out, System.err)
          .log(AuditKey.of(project), limit);
    }
  }
}
