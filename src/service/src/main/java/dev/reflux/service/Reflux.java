package dev.reflux.service;

import dev.reflux.events.csv.CsvException;
import dev.reflux.jobs.pipeline.options.InvalidOptionsException;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.service.commands.CompareCommand;
import dev.reflux.service.commands.ConfigCommand;
import dev.reflux.service.commands.DemoCommand;
import dev.reflux.service.commands.DriftCommand;
import dev.reflux.service.commands.EvaluateCommand;
import dev.reflux.service.commands.FollowCommand;
import dev.reflux.service.commands.MonitorCommand;
import dev.reflux.service.commands.ReplayCommand;
import dev.reflux.service.commands.RollbackCommand;
import dev.reflux.service.commands.RunCommand;
import dev.reflux.service.commands.ScoreCommand;
import dev.reflux.service.commands.SubmitCommand;
import dev.reflux.service.commands.TopicsCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code reflux} command line. */
@Command(
        name = "reflux",
        description =
                "Keeps a large teacher and small students learning from a Kafka topic, and publishes the students.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Reflux.Version.class,
        scope = ScopeType.INHERIT,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:something failed while running",
            "2:the command line, a file or the configuration cannot be used",
            "130:ended by Ctrl-C, in order (143: by kill); a second Ctrl-C ends at once, with 1"
        },
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            DriftCommand.class,
            SubmitCommand.class,
            EvaluateCommand.class,
            CompareCommand.class,
            MonitorCommand.class,
            ReplayCommand.class,
            FollowCommand.class,
            ScoreCommand.class,
            RollbackCommand.class,
            TopicsCommand.class,
            ConfigCommand.class
        })
public final class Reflux {
    private static final List<Class<? extends Exception>> USAGE_ERRORS =
            List.of(UsageException.class, InvalidOptionsException.class, OptionException.class, CsvException.class);

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show where in the program an error arose.")
    private boolean verbose;

    private Reflux() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line, ready to execute; it prints to standard output and standard error. */
    public static CommandLine commandLine() {
        Reflux reflux = new Reflux();
        return new CommandLine(reflux)
                .setUsageHelpWidth(100)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((error, command, parsed) -> reflux.report(error, command.getErr()));
    }

    private int report(Exception error, PrintWriter err) {
        err.println("reflux: " + ErrorText.of(error));
        if (verbose) {
            error.printStackTrace(err);
        } else if (!isUsageError(error)) {
            err.println("(--verbose shows where it arose, " + LogFile.path() + " what Kafka and Flink say)");
        }
        err.flush();
        return isUsageError(error) ? ExitCode.USAGE : ExitCode.FAILED;
    }

    private static boolean isUsageError(Exception error) {
        return USAGE_ERRORS.stream().anyMatch(type -> type.isInstance(error));
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            try (InputStream file = Reflux.class.getResourceAsStream("version.txt")) {
                if (file == null) {
                    throw new IllegalStateException("the jar has no version.txt; build it anew");
                }
                return new String[] {new String(file.readAllBytes(), StandardCharsets.UTF_8).strip()};
            }
        }
    }
}
