package dev.weir.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.error.WeirException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditKeyTest {
  private final Path folder;

  AuditKeyTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private int openssl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process;
    try {
      process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    } catch (IOException e) {
      assumeTrue(false, "openssl is there");
      throw e;
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    System.out.println(String.join(" ", command) + "\n" + said);
    return code;
  }

  @Test
  void opensslMakesTheKeysAndChecksTheSignatures() throws Exception {
    assertThat(openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem")).isZero();
    assertThat(openssl("pkey", "-in", "key.pem", "-pubout", "-out", "key.pub")).isZero();
    String hash = Hash.NONE.hex();

    String signature = AuditKey.read(folder.resolve("key.pem")).sign(hash);

    AuditKey.Public open = AuditKey.Public.read(folder.resolve("key.pub"));
    assertThat(open.signed(hash, signature)).isTrue();
    assertThat(open.signed(hash.replaceFirst("0", "1"), signature)).isFalse();
    assertThat(open.signed(hash, "no base64!")).isFalse();
    Files.writeString(folder.resolve("hash"), hash);
    Files.write(folder.resolve("signature"), Base64.getDecoder().decode(signature));
    assertThat(
            openssl(
                "pkeyutl",
                "-verify",
                "-rawin",
                "-pubin",
                "-inkey",
                "key.pub",
                "-in",
                "hash",
                "-sigfile",
                "signature"))
        .isZero();
  }

  @Test
  void whatIsNoKeyIsSaid() throws Exception {
    TestKeys keys = TestKeys.make(folder, "key");
    assertThatThrownBy(() -> AuditKey.read(folder.resolve("none.pem")))
        .isInstanceOfSatisfying(
            WeirException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        "The key %s/none.pem is not there. Make one with openssl genpkey -algorithm ed25519 -out key.pem, and its public half with openssl pkey -in key.pem -pubout; or name another."
                            .formatted(folder)));
    assertThatThrownBy(() -> AuditKey.read(keys.open()))
        .hasMessage("The key %s holds no '-----BEGIN PRIVATE KEY-----'.".formatted(keys.open()));
    assertThatThrownBy(() -> AuditKey.Public.read(keys.secret()))
        .hasMessage("The key %s holds no '-----BEGIN PUBLIC KEY-----'.".formatted(keys.secret()));
    Path rsa = folder.resolve("rsa.pem");
    Files.writeString(rsa, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assertThatThrownBy(() -> AuditKey.read(rsa))
        .hasMessage("The key %s holds no private key of Ed25519.".formatted(rsa));
  }

  @Test
  void whatIsNoHeadIsSaid() {
    for (String text : List.of("12", "12:abc", "x:" + Hash.NONE.hex(), "1:2:3")) {
      assertThatThrownBy(() -> AuditHead.parse(text))
          .isInstanceOfSatisfying(
              WeirException.class,
              e ->
                  assertThat(e.text())
                      .isEqualTo(
                          "'%s' is no head of a chain. Write it as ./weir audit head printed it: a number, a colon and 64 hexadecimal digits."
                              .formatted(text)));
    }
  }
}
