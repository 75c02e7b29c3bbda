package dev.weir.alert;

import dev.weir.config.AlertRoute;
import dev.weir.config.AlertSettings;
import dev.weir.config.MailServer;
import dev.weir.config.SecretText;
import dev.weir.error.WeirException;
import dev.weir.lineage.Fact;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/** Takes an alert to those who are to be told, by the route that it is given. */
final class Courier {
  private final AlertSettings settings;
  private final Map<String, String> environment;
  private final String home;

  /**
   * @param environment the process's environment variables
   * @param home where the home is, for whoever reads it
   */
  Courier(AlertSettings settings, Map<String, String> environment, String home) {
    this.settings = settings;
    this.environment = Map.copyOf(environment);
    this.home = home;
  }

  /** Delivers an alert; returns once whoever takes it has said so. */
  void take(AlertRoute route, Fact.AlertRaised alert) throws DeliveryException {
    AlertText text = new AlertText(alert, home);
    try {
      if (route instanceof AlertRoute.Webhook webhook) {
        Map<String, String> headers = new LinkedHashMap<>();
        // By which whoever gets it twice can tell.
        headers.put("Idempotency-Key", id(alert));
        webhook.headers().forEach((name, value) -> headers.put(name, value.reveal(environment)));
        post(webhook.webhook(), headers, text.json().toString(), webhook.allowPrivate());
      } else if (route instanceof AlertRoute.Slack slack) {
        post(slack.slack(), Map.of(), text.slack().toString(), slack.allowPrivate());
      } else {
        MailServer server = Objects.requireNonNull(settings.mail());
        SecretText password = server.password();
        new Email(
                server,
                password == null ? null : password.reveal(environment),
                settings.timeout(),
                new Properties())
            .send(
                ((AlertRoute.Email) route).email(),
                "[weir] " + text.title(),
                text.body(),
                id(alert));
      }
    } catch (WeirException e) {
      throw new DeliveryException(e.text().replaceAll("[.]$", ""), false, e);
    } catch (RuntimeException e) {
      throw new DeliveryException(e.toString(), false, e);
    }
  }

  private static String id(Fact.AlertRaised alert) {
    return alert.alert() + "-" + alert.times();
  }

  private void post(
      SecretText address, Map<String, String> headers, String json, boolean allowPrivate)
      throws DeliveryException {
    try {
      Webhook.ofSystem()
          .post(
              AlertRoute.address(address.reveal(environment)),
              headers,
              json,
              allowPrivate,
              settings.timeout());
    } catch (IllegalArgumentException e) {
      throw new DeliveryException(
          Objects.requireNonNullElse(e.getMessage(), "the address is not valid"), false, e);
    }
  }
}
