package dev.weir.profile;

/** What happens where there is too little history to judge by. */
public enum Unjudged {
  /** It passes. */
  PASS,
  /** It passes, and somebody is told. */
  WARN,
  /** It is stopped. */
  HALT
}
