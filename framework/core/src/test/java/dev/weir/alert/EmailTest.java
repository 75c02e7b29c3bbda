package dev.weir.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import dev.weir.config.MailServer;
import dev.weir.config.SecretText;
import jakarta.mail.internet.MimeMessage;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a mail server on this machine. */
@Timeout(60)
class EmailTest {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private @Nullable GreenMail mail;

  @AfterEach
  void stop() {
    if (mail != null) {
      mail.stop();
    }
  }

  private GreenMail start(String protocol) {
    GreenMail started = new GreenMail(new ServerSetup(0, "127.0.0.1", protocol).dynamicPort());
    started.start();
    mail = started;
    return started;
  }

  private static MailServer server(
      int port, MailServer.Encryption tls, @Nullable String user, @Nullable String password) {
    return new MailServer(
        "127.0.0.1",
        port,
        "weir@example.com",
        user,
        password == null ? null : new SecretText(password),
        tls);
  }

  private static void send(MailServer server, @Nullable String password, Properties more)
      throws DeliveryException {
    new Email(server, password, LIMIT, more)
        .send(
            List.of("ada@example.com", "bob@example.com"),
            "[weir] credit:\r\nBcc: eve@example.com",
            "Größe: 14 of 60 rows\n.\nlook",
            "3f9c21ab-1");
  }

  @Test
  void theMessageArrivesAsItWasWritten() throws Exception {
    GreenMail running = start(ServerSetup.PROTOCOL_SMTP);
    int port = running.getSmtp().getPort();

    send(server(port, MailServer.Encryption.NONE, null, null), null, new Properties());

    assertThat(running.waitForIncomingEmail(5000, 2)).isTrue();
    MimeMessage[] received = running.getReceivedMessages();
    assertThat(received).hasSize(2);
    MimeMessage message = received[0];
    assertThat(message.getSubject()).isEqualTo("[weir] credit: Bcc: eve@example.com");
    assertThat(message.getFrom()[0]).hasToString("weir@example.com");
    assertThat(message.getAllRecipients())
        .extracting(Object::toString)
        .containsExactly("ada@example.com", "bob@example.com");
    assertThat(message.getMessageID()).isEqualTo("<3f9c21ab-1@weir>");
    assertThat(message.getHeader("Auto-Submitted")).containsExactly("auto-generated");
    assertThat(message.getContent().toString().strip().replace("\r\n", "\n"))
        .isEqualTo("Größe: 14 of 60 rows\n.\nlook");
    assertThat(GreenMailUtil.getWholeMessage(message)).doesNotContain("\nBcc:");
  }

  @Test
  void aServerWithAPasswordLetsInWhoHasIt() throws Exception {
    GreenMail running = start(ServerSetup.PROTOCOL_SMTPS);
    running.setUser("weir@example.com", "weir", "right");
    int port = running.getSmtps().getPort();
    // The server's certificate is its own.
    Properties trusting = new Properties();
    trusting.put("mail.smtp.ssl.trust", "127.0.0.1");
    trusting.put("mail.smtp.ssl.checkserveridentity", "false");

    send(server(port, MailServer.Encryption.IMPLICIT, "weir", "right"), "right", trusting);
    assertThat(running.waitForIncomingEmail(5000, 2)).isTrue();

    assertThatThrownBy(
            () ->
                send(
                    server(port, MailServer.Encryption.IMPLICIT, "weir", "wrong"),
                    "wrong",
                    trusting))
        .isInstanceOfSatisfying(DeliveryException.class, e -> assertThat(e.passing()).isFalse())
        .hasMessageStartingWith("127.0.0.1 does not let weir in: 535");
    assertThatThrownBy(
            () ->
                send(
                    server(port, MailServer.Encryption.IMPLICIT, "weir", "right"),
                    "right",
                    new Properties()))
        .as("whose certificate nobody vouches for gets no password")
        .isInstanceOf(DeliveryException.class)
        .hasMessageContaining("Could not connect to SMTP host");
  }

  @Test
  void withoutTheEncryptionThatIsAskedForNothingIsSent() {
    GreenMail running = start(ServerSetup.PROTOCOL_SMTP);
    int port = running.getSmtp().getPort();

    assertThatThrownBy(
            () ->
                send(
                    server(port, MailServer.Encryption.STARTTLS, null, null),
                    null,
                    new Properties()))
        .isInstanceOf(DeliveryException.class)
        .hasMessageContaining("STARTTLS");
    assertThat(running.getReceivedMessages()).isEmpty();
  }

  @Test
  void aServerThatIsDownIsTriedAgain() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertThatThrownBy(
            () ->
                send(server(free, MailServer.Encryption.NONE, null, null), null, new Properties()))
        .isInstanceOfSatisfying(DeliveryException.class, e -> assertThat(e.passing()).isTrue())
        .hasMessageContaining("127.0.0.1");
  }
}
