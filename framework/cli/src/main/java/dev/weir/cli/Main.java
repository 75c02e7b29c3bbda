package dev.weir.cli;

import dev.weir.error.ErrorKind;
import dev.weir.error.GateException;
import dev.weir.error.Nearest;
import dev.weir.error.WeirException;
import dev.weir.lineage.OutOfMemory;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The entry point of the command line. */
@Command(
    name = "weir",
    description = "Machine-learning pipelines on Apache Spark, MLlib and Delta Lake.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit codes: 0 done, 1 a stage failed, 2 wrong usage or configuration,",
      "3 a gate halted the run, 4 another run holds the pipeline, 5 there is work to do",
      "(plan --check), 52 out of memory, 130 cancelled.",
      "",
      "Start with:  ./weir run credit"
    })
public final class Main implements Runnable {
  private static final List<Class<?>> COMMANDS =
      List.of(
          RunCommand.class,
          PlanCommand.class,
          ResumeCommand.class,
          CancelCommand.class,
          ValidateCommand.class,
          PipelinesCommand.class,
          RunsCommand.class,
          ShowCommand.class,
          LogsCommand.class,
          SqlCommand.class,
          PredictCommand.class,
          ModelsCommand.class,
          ApproveCommand.class,
          RejectCommand.class,
          RetireCommand.class,
          AliasCommand.class,
          LineageCommand.class,
          AuditCommand.class,
          DiffCommand.class,
          ReproduceCommand.class,
          RebuildCommand.class,
          PinsCommand.class,
          VacuumCommand.class,
          AlertsCommand.class,
          QualityCommand.class,
          SuggestCommand.class,
          QuarantineCommand.class,
          BenchCommand.class);

  @CommandLine.Spec CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

  /** Runs a command; the process ends with its exit code. */
  public static void main(String[] arguments) {
    prepare();
    int code = execute(arguments);
    System.out.flush();
    System.err.flush();
    System.exit(code);
  }

  /** What a process of its own does before any command. */
  static void prepare() {
    OutOfMemory.install();
    // Nothing here is Groovy's, and to look for that is to open every jar.
    System.setProperty("picocli.disable.closures", "true");
  }

  /** Runs a command in this process, and returns its exit code. */
  public static int execute(String... arguments) {
    return line(arguments).execute(arguments);
  }

  /** The command line that understands these words. */
  public static CommandLine line(String... arguments) {
    CommandLine line = new CommandLine(new Main());
    commands(arguments).forEach(line::addSubcommand);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setExecutionExceptionHandler(Main::failed);
    line.setParameterExceptionHandler(Main::misused);
    return line;
  }

  /** The command that is named, or all: it takes a while to read what all of them are told. */
  private static List<Class<?>> commands(String... arguments) {
    return COMMANDS.stream()
        .filter(command -> arguments.length > 0 && name(command).equals(arguments[0]))
        .findFirst()
        .<List<Class<?>>>map(List::of)
        .orElse(COMMANDS);
  }

  private static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
  }

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(System.out);
    }
  }

  private static int misused(CommandLine.ParameterException error, String[] arguments) {
    CommandLine line = error.getCommandLine();
    String command = line.getCommandSpec().qualifiedName();
    String message =
        error instanceof CommandLine.UnmatchedArgumentException unmatched
            ? unmatched(line, command, unmatched)
            : error.getMessage() + ".";
    PrintWriter err = line.getErr();
    err.println("weir: %s See ./%s --help.".formatted(message, command));
    err.flush();
    return ExitCode.USAGE;
  }

  /** What is said of a word that the command has no use for. */
  private static String unmatched(
      CommandLine line, String command, CommandLine.UnmatchedArgumentException error) {
    String word = error.getUnmatched().get(0);
    if (error.isUnknownOption()) {
      String name = word.split("=", 2)[0];
      List<String> options = new ArrayList<>(line.getCommandSpec().optionsMap().keySet());
      return "There is no option %s of %s".formatted(name, command) + Nearest.ending(name, options);
    }
    if (!line.getSubcommands().isEmpty()) {
      List<String> commands = new ArrayList<>(line.getSubcommands().keySet());
      return "There is no command '%s'".formatted(word)
          + Nearest.of(word, commands)
              .map("; did you mean '%s'?"::formatted)
              .orElse("; there are " + String.join(", ", commands) + ".");
    }
    return "'%s' is one word more than %s takes; quote what belongs together."
        .formatted(word, command);
  }

  private static int failed(Exception error, CommandLine line, CommandLine.ParseResult parsed) {
    boolean verbose = parsed.hasSubcommand() && isVerbose(parsed);
    PrintWriter err = line.getErr();
    if (error instanceof WeirException weir) {
      err.println("weir: " + weir.text());
    } else {
      err.println("weir: " + sentence(error));
      if (!verbose) {
        err.println("Again with --verbose for the whole of it.");
      }
    }
    if (verbose) {
      error.printStackTrace(err);
    }
    err.flush();
    return exitCode(error);
  }

  private static boolean isVerbose(CommandLine.ParseResult parsed) {
    for (CommandLine.ParseResult at :
        parsed.asCommandLineList().stream().map(CommandLine::getParseResult).toList()) {
      if (at.hasMatchedOption("--verbose")) {
        return true;
      }
    }
    return false;
  }

  private static String sentence(Throwable error) {
    String message = error.getMessage();
    return message == null || message.isBlank()
        ? error.getClass().getName()
        : error.getClass().getSimpleName() + ": " + message.strip();
  }

  /** The exit code that an error ends the process with. */
  static int exitCode(Throwable error) {
    if (error instanceof GateException) {
      return ExitCode.HALTED;
    }
    if (error instanceof WeirException weir) {
      if (weir.code().equals("lease-held")) {
        return ExitCode.HELD;
      }
      if (weir.code().equals("cancelled")) {
        return ExitCode.CANCELLED;
      }
      return weir.kind() == ErrorKind.USER ? ExitCode.USAGE : ExitCode.FAILED;
    }
    return ExitCode.FAILED;
  }

  /** The build's version, which Maven writes into a resource. */
  static final class Version implements IVersionProvider {
    static String number() {
      try (InputStream in = Main.class.getResourceAsStream("version.txt")) {
        return in == null
            ? "development"
            : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
      } catch (IOException e) {
        throw new UncheckedIOException("Can't read Weir's version", e);
      }
    }

    @Override
    public String[] getVersion() {
      return new String[] {"weir " + number()};
    }
  }
}
