package dev.weir.cli;

import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.NOP_FallbackServiceProvider;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Logging for processes that mostly have nothing to log. What logs otherwise is set up by the first
 * line that is worth keeping, a warning or what Weir itself says: that takes longer than many such
 * processes do. From then on it is asked about every line.
 */
public final class OnDemandLogging implements SLF4JServiceProvider {
  /** Warns of every young table that it has no checkpoint yet. */
  private static final String YOUNG = "io.delta.kernel.internal.snapshot.SnapshotManager";

  private final BasicMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter context = new BasicMDCAdapter();
  private volatile @Nullable ILoggerFactory real;

  private final Supplier<SLF4JServiceProvider> services;

  /** Named to slf4j by its class name, and not a service: only some processes are to have it. */
  public OnDemandLogging() {
    this(
        () ->
            ServiceLoader.load(SLF4JServiceProvider.class)
                .findFirst()
                .orElseGet(NOP_FallbackServiceProvider::new));
  }

  OnDemandLogging(Supplier<SLF4JServiceProvider> services) {
    this.services = services;
  }

  @Override
  public void initialize() {}

  @Override
  public ILoggerFactory getLoggerFactory() {
    return OnDemand::new;
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return context;
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0.99";
  }

  private synchronized ILoggerFactory setUp() {
    ILoggerFactory there = real;
    if (there == null) {
      SLF4JServiceProvider provider = services.get();
      provider.initialize();
      there = provider.getLoggerFactory();
      real = there;
    }
    return there;
  }

  private final class OnDemand extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    private final int worthKeeping;

    OnDemand(String name) {
      this.name = name;
      Level level =
          name.startsWith("dev.weir.") ? Level.INFO : name.equals(YOUNG) ? Level.ERROR : Level.WARN;
      this.worthKeeping = level.toInt();
    }

    private boolean isEnabled(Level level) {
      ILoggerFactory there = real;
      return there != null
          ? there.getLogger(name).isEnabledForLevel(level)
          : level.toInt() >= worthKeeping;
    }

    @Override
    public boolean isTraceEnabled() {
      return isEnabled(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
      return isEnabled(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
      return isEnabled(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
      return isEnabled(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
      return isEnabled(Level.ERROR);
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        String message,
        Object @Nullable [] arguments,
        @Nullable Throwable cause) {
      Logger logger = setUp().getLogger(name);
      var event = logger.atLevel(level);
      if (arguments != null) {
        for (Object argument : arguments) {
          event = event.addArgument(argument);
        }
      }
      (cause == null ? event : event.setCause(cause)).log(message);
    }
  }
}
