package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.error.WeirException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertSettingsTest {
  @TempDir Path folder;

  private AlertSettings read(String yaml) {
    try {
      Files.createDirectories(folder.resolve("conf"));
      Files.writeString(folder.resolve(Project.FILE), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Objects.requireNonNull(Project.find(folder).config().alerts());
  }

  @Test
  void everyKeyHasHelpAndItsDefault() {
    AlertSettings settings = read("alerts: { routes: [ { webhook: https://a.example.com/x } ] }\n");

    assertThat(settings.repeat()).isEqualTo(Duration.ofHours(4));
    assertThat(settings.patience()).isEqualTo(Duration.ofSeconds(15));
    assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.attempts()).isEqualTo(10);
    assertThat(settings.mail()).isNull();
    assertThat(settings.owners()).isEmpty();
    assertThat(settings.routes())
        .containsExactly(
            new AlertRoute.Webhook(
                SecretText.parse("https://a.example.com/x"),
                Map.of(),
                false,
                AlertFilter.ALL,
                null));
    assertThat(
            Stream.of(
                    AlertSettings.class,
                    AlertRoute.Webhook.class,
                    AlertRoute.Slack.class,
                    AlertRoute.Email.class,
                    AlertFilter.class,
                    MailServer.class)
                .flatMap(type -> Arrays.stream(type.getRecordComponents())))
        .allMatch(component -> component.isAnnotationPresent(Help.class));
  }

  @Test
  void everyKeyIsRead() {
    AlertSettings settings =
        read(
            """
            alerts:
              routes:
                - webhook: https://a.example.com:8443/${TOKEN}
                  headers: { Authorization: "Bearer ${TOKEN}" }
                  allow-private: true
                  when: { pipelines: [ credit*, bank ], severity: error, kinds: [ gate-halted ] }
                  name: ours
                - slack: ${SLACK}
                - email: [ ada@example.com, bob@example.com ]
              mail: { host: mx, port: 2525, from: weir@example.com, user: weir, password: "${PASS}" }
              owners: { credit*: the risk team, '*': Ada }
              repeat: 1d
              patience: 3s
              timeout: 500ms
              attempts: 2
            """);

    assertThat(settings.routes())
        .extracting(AlertRoute::title)
        .containsExactly("ours", "slack", "email ada@example.com");
    AlertRoute.Webhook webhook = (AlertRoute.Webhook) settings.routes().get(0);
    assertThat(webhook.allowPrivate()).isTrue();
    assertThat(webhook.webhook().reveal(Map.of("TOKEN", "t$1")))
        .isEqualTo("https://a.example.com:8443/t$1");
    assertThat(webhook.when())
        .isEqualTo(
            new AlertFilter(
                List.of("credit*", "bank"), AlertSeverity.ERROR, Set.of(AlertKind.GATE_HALTED)));
    assertThat(webhook.when().fits("credit-eu", AlertSeverity.ERROR, AlertKind.GATE_HALTED))
        .isTrue();
    assertThat(webhook.when().fits("credit-eu", AlertSeverity.WARN, AlertKind.GATE_HALTED))
        .isFalse();
    assertThat(webhook.when().fits("credit-eu", AlertSeverity.ERROR, AlertKind.RUN_DIED)).isFalse();
    assertThat(webhook.when().fits("banks", AlertSeverity.ERROR, AlertKind.GATE_HALTED)).isFalse();
    MailServer mail = Objects.requireNonNull(settings.mail());
    assertThat(mail.portOrDefault()).isEqualTo(2525);
    assertThat(mail.tls()).isEqualTo(MailServer.Encryption.STARTTLS);
    assertThat(mail.toString()).contains("password=***").doesNotContain("PASS");
    assertThat(settings.owner("credit")).isEqualTo("the risk team");
    assertThat(settings.owner("bank")).isEqualTo("Ada");
    assertThat(settings.repeat()).isEqualTo(Duration.ofDays(1));
    assertThat(settings.patience()).isEqualTo(Duration.ofSeconds(3));
    assertThat(settings.timeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(settings.attempts()).isEqualTo(2);
  }

  @Test
  void aSecretIsPutInWhenItIsUsed() {
    SecretText secret = SecretText.parse("a-${WEIR_A}-${B}");
    assertThat(secret.reveal(Map.of("WEIR_A", "1", "B", "${C}"))).isEqualTo("a-1-${C}");
    assertThat(secret).hasToString("***");
    assertThatThrownBy(() -> secret.reveal(Map.of("WEIR_A", "1")))
        .isInstanceOfSatisfying(
            WeirException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        "The environment variable B, which conf/weir.yaml names under alerts, is not set. Set it where Weir runs."));
  }

  @Test
  void faultsAreSaid() {
    refused("routes: []", "'routes' is empty: name a webhook, a slack or an email, or leave");
    refused("{}", "the key 'routes' is missing: The ways by which alerts go");
    refused("routes: [ { webhok: 'https://a.b/c' } ]", "did you mean 'webhook'?");
    refused(
        "routes: [ { webhook: ftp://a.b/c } ]",
        "the address is none of a webhook: write it as https://hooks.example.com/weir");
    refused("routes: [ { webhook: 'https://u:p@a.b/' } ]", "holds a user and a password");
    refused("routes: [ { webhook: 'https://${A-B}/' } ]", "'${A-B}' names no environment variable");
    refused("routes: [ { webhook: 'https://${A/' } ]", "a '${' in it has no closing brace");
    refused(
        "routes: [ { email: a@b.c } ]",
        "the route 'email a@b.c' needs a server: add mail: { host: …, from: … }");
    refused("routes: [ { email: nobody } ]", "'nobody' is no e-mail address");
    refused("routes: [ { email: [] } ]", "'email' is empty: name at least one address");
    refused(
        "routes: [ { slack: 'https://a.b/c' }, { slack: 'https://a.b/d' } ]",
        "two routes are called 'slack a.b': give one of them another 'name'");
    String route = "routes: [ { slack: 'https://a.b/c' } ], ";
    refused(route + "attempts: 0", "'attempts' is 1 or more, not 0");
    refused(route + "timeout: 0s", "'timeout' is more than 0");
    refused(
        route + "mail: { host: mx, from: a@b.c, user: u }",
        "'user' and 'password' go together: give both or none");
    refused(
        route + "mail: { host: mx, from: a@b.c, user: u, password: p, tls: none }",
        "a password is not sent without encryption: take tls: starttls or implicit");
    refused(
        "routes: [ { slack: 'https://a.b/c', when: { kinds: [ recovered ] } } ]",
        "'recovered' is no kind to choose");
    refused(
        "routes: [ { slack: 'https://a.b/c', when: { severity: loud } } ]", "info, warn, error");
  }

  private void refused(String alerts, String message) {
    assertThatThrownBy(() -> read("alerts: { " + alerts.replaceAll("^\\{}$", "") + " }\n"))
        .isInstanceOf(WeirException.class)
        .hasMessageContaining(message);
  }
}
