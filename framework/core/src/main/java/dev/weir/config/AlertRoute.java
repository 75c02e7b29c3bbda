package dev.weir.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A way by which alerts go. */
@Help("A way by which alerts go: a webhook, a chat that takes what Slack takes, or e-mail.")
public sealed interface AlertRoute {
  /** Which alerts go by it. */
  AlertFilter when();

  /** What it is called in the lineage, such as {@code webhook hooks.example.com}. */
  String title();

  /**
   * A POST of a JSON object.
   *
   * @param webhook the address
   * @param headers of the request, by name
   * @param allowPrivate whether it may be in a private network
   * @param name what it is called, or null for its host
   */
  @Help("A POST of the alert as a JSON object.")
  record Webhook(
      @Help("Where to: https, or http to this machine; ${NAME} is an environment variable.") @Secret
          SecretText webhook,
      @Help("Headers of the request by name, such as Authorization: Bearer ${TOKEN}.")
          @Default("{}")
          @Secret
          Map<String, SecretText> headers,
      @Help("Whether the address may be in a private network.") @Default("false")
          boolean allowPrivate,
      @Help("Which alerts go by it.") @Default("{}") AlertFilter when,
      @Help("What it is called in the lineage; its host unless given.") @Nullable String name)
      implements AlertRoute {
    public Webhook {
      Objects.requireNonNull(when);
      requireAddress(webhook);
      requireName(name);
      headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    @Override
    public String title() {
      return AlertRoute.title("webhook", name, webhook);
    }
  }

  /**
   * A POST of a text, as Slack takes it, and Mattermost and others do.
   *
   * @param slack the address
   * @param allowPrivate whether it may be in a private network
   * @param name what it is called, or null for its host
   */
  @Help("A message to a chat that takes what Slack takes.")
  record Slack(
      @Help("The incoming webhook; ${NAME} is an environment variable.") @Secret SecretText slack,
      @Help("Whether the address may be in a private network.") @Default("false")
          boolean allowPrivate,
      @Help("Which alerts go by it.") @Default("{}") AlertFilter when,
      @Help("What it is called in the lineage; its host unless given.") @Nullable String name)
      implements AlertRoute {
    public Slack {
      Objects.requireNonNull(when);
      requireAddress(slack);
      requireName(name);
    }

    @Override
    public String title() {
      return AlertRoute.title("slack", name, slack);
    }
  }

  /**
   * An e-mail, by the one mail server that the settings name.
   *
   * @param email to whom
   * @param name what it is called, or null for the first of them
   */
  @Help("An e-mail, by the server under mail.")
  record Email(
      @Help("To whom, such as oncall@example.com.") List<String> email,
      @Help("Which alerts go by it.") @Default("{}") AlertFilter when,
      @Help("What it is called in the lineage; the first address unless given.")
          @Nullable String name)
      implements AlertRoute {
    private static final Pattern ADDRESS = Pattern.compile("[^@\\s<>,;]+@[^@\\s<>,;]+");

    public Email {
      Objects.requireNonNull(when);
      email = List.copyOf(email);
      if (email.isEmpty()) {
        throw new IllegalArgumentException("'email' is empty: name at least one address");
      }
      for (String address : email) {
        if (!ADDRESS.matcher(address).matches()) {
          throw new IllegalArgumentException(
              "'%s' is no e-mail address: write it as oncall@example.com".formatted(address));
        }
      }
      requireName(name);
    }

    @Override
    public String title() {
      return name == null ? "email " + email.get(0) : name;
    }
  }

  private static void requireName(@Nullable String name) {
    if (name != null && name.isBlank()) {
      throw new IllegalArgumentException("'name' is empty: give one, or leave it out");
    }
  }

  /** An address that depends on the environment is looked at once it is used. */
  private static void requireAddress(SecretText address) {
    if (address.plain()) {
      var unused = address(address.template());
    }
  }

  /** An address of a webhook; throws {@link IllegalArgumentException} that says what is wrong. */
  static URI address(String text) {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException e) {
      // What it is may be secret.
      throw new IllegalArgumentException("the address is no URI: " + e.getReason(), e);
    }
    String scheme = uri.getScheme();
    if (uri.getHost() == null || !("https".equals(scheme) || "http".equals(scheme))) {
      throw new IllegalArgumentException(
          "the address is none of a webhook: write it as https://hooks.example.com/weir");
    }
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "the address holds a user and a password: give them by headers");
    }
    return uri;
  }

  private static String title(String kind, @Nullable String name, SecretText address) {
    if (name != null) {
      return name;
    }
    return address.plain() ? kind + " " + address(address.template()).getAuthority() : kind;
  }
}
