package dev.weir.alert;

import dev.weir.config.MailServer;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Sends e-mail by SMTP. */
final class Email {
  private final MailServer server;
  private final @Nullable String password;
  private final Properties properties;

  /**
   * @param password with what the server's user logs in, or null
   * @param more properties of the SMTP client, over those that follow from the server
   */
  Email(MailServer server, @Nullable String password, Duration limit, Properties more) {
    this.server = server;
    this.password = password;
    this.properties = properties(server, limit);
    this.properties.putAll(more);
  }

  private static Properties properties(MailServer server, Duration limit) {
    Properties properties = new Properties();
    String millis = String.valueOf(Math.max(1, limit.toMillis()));
    properties.put("mail.smtp.host", server.host());
    properties.put("mail.smtp.port", String.valueOf(server.portOrDefault()));
    for (String each : List.of("connectiontimeout", "timeout", "writetimeout")) {
      properties.put("mail.smtp." + each, millis);
    }
    properties.put("mail.smtp.auth", String.valueOf(server.user() != null));
    properties.put("mail.smtp.from", server.from());
    properties.put("mail.smtp.ssl.checkserveridentity", "true");
    switch (server.tls()) {
      case STARTTLS -> {
        properties.put("mail.smtp.starttls.enable", "true");
        properties.put("mail.smtp.starttls.required", "true");
      }
      case IMPLICIT -> properties.put("mail.smtp.ssl.enable", "true");
      case NONE -> {}
    }
    return properties;
  }

  /**
   * Sends a text.
   *
   * @param id the same for the same message, by which one that comes twice is told
   */
  void send(List<String> to, String subject, String text, String id) throws DeliveryException {
    Session session = Session.getInstance(properties);
    try (Transport transport = session.getTransport("smtp")) {
      MimeMessage message = message(session, to, subject, text, id);
      transport.connect(server.user(), password);
      transport.sendMessage(message, message.getAllRecipients());
    } catch (AuthenticationFailedException e) {
      throw new DeliveryException(
          "%s does not let %s in: %s".formatted(server.host(), server.user(), line(e)), false, e);
    } catch (SendFailedException e) {
      throw new DeliveryException("%s refused it: %s".formatted(server.host(), line(e)), false, e);
    } catch (MessagingException e) {
      throw new DeliveryException(line(e), true, e);
    }
  }

  private MimeMessage message(
      Session session, List<String> to, String subject, String text, String id)
      throws MessagingException {
    MimeMessage message =
        new MimeMessage(session) {
          @Override
          protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", "<" + id + "@weir>");
          }
        };
    message.setFrom(new InternetAddress(server.from(), true));
    for (String address : to) {
      message.addRecipient(Message.RecipientType.TO, new InternetAddress(address, true));
    }
    message.setSubject(subject.replaceAll("\\p{Cntrl}+", " "), StandardCharsets.UTF_8.name());
    message.setHeader(
        "Date",
        DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().atOffset(ZoneOffset.UTC)));
    // No answers of people who are away.
    message.setHeader("Auto-Submitted", "auto-generated");
    message.setText(text, StandardCharsets.UTF_8.name());
    return message;
  }

  private static String line(MessagingException e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.replaceAll("[\\p{Cntrl}\\s]+", " ").strip().replaceAll("[;.]$", "");
  }
}
