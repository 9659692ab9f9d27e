package dev.reflux.benchmarks.reaction;

import dev.reflux.benchmarks.Texts;
import dev.reflux.benchmarks.drift.Table;
import dev.reflux.benchmarks.reaction.Experiment.Measured;
import dev.reflux.benchmarks.reaction.Experiment.Variant;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code src/benchmarks/run reaction}. */
@Command(
        name = "reaction",
        mixinStandardHelpOptions = true,
        description = {
            "What each reaction to drift is worth: accuracy in the 5,000 events after each change, with it and without.",
            "On real streams the changes are those that ADWIN finds where nothing is done; in the others they are put in."
        })
public final class ReactionBenchmark implements Callable<Integer> {

    private static final int AFTER_CHANGE = 5_000;
    private static final List<String> AS_THEY_ARE = List.of("elec2", "insects_gradual", "rialto");
    private static final List<String> WITH_CHANGES = List.of("elec2", "insects_gradual", "rialto");

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FOLDER",
            description = "Folder of real streams, NAME.csv.gz, the label in the last column.")
    private Path data = Path.of("");

    @Option(names = "--seeds", defaultValue = "2", description = "Seeds of the networks (default: ${DEFAULT-VALUE}).")
    private int seeds;

    @Option(names = "--limit", description = "Events of each stream (default: all).")
    private int limit = Integer.MAX_VALUE;

    @Option(
            names = "--labels",
            defaultValue = "1",
            description = "Share of the labels that learning and detectors see (default: ${DEFAULT-VALUE}).")
    private double labels;

    @Option(names = "--only", description = "Only experiments whose title has this in it.")
    private String only = "";

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "Changes a setting of every variant's pipeline, such as teacher.teach=before.")
    private List<String> settings = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Texts.machine());
        List<ChangingStream> streams = new ArrayList<>();
        AS_THEY_ARE.forEach(name -> streams.add(ChangingStream.asItIs(name, Table.read(data, name), limit)));
        WITH_CHANGES.forEach(
                name -> streams.add(ChangingStream.withChanges(name + " + changes", Table.read(data, name), limit, 1)));
        for (Experiment experiment : Experiment.all()) {
            if (experiment.title().contains(only)) {
                run(experiment, streams, out);
            }
        }
        return 0;
    }

    /** Sums of a variant over seeds, of each stream. */
    private static final class Row {

        final String name;
        final double[][] after;
        final double[][] all;
        final long[] publications;
        final long[] takeovers;

        Row(String name, int streams) {
            this.name = name;
            this.after = new double[Measured.values().length][streams];
            this.all = new double[Measured.values().length][streams];
            this.publications = new long[streams];
            this.takeovers = new long[streams];
        }

        void add(int stream, ReactionRun.Result result, List<Integer> changes, int events) {
            for (Measured one : Measured.values()) {
                BitSet right = one.of(result.right());
                after[one.ordinal()][stream] += afterChanges(right, changes, events);
                all[one.ordinal()][stream] += 100.0 * right.cardinality() / events;
            }
            publications[stream] += result.publications();
            takeovers[stream] += result.takeovers();
        }
    }

    /** Mean accuracy in the events after each change, in percent; NaN where there is none. */
    private static double afterChanges(BitSet right, List<Integer> changes, int events) {
        long hits = 0;
        long counted = 0;
        for (int change : changes) {
            int end = Math.min(events, change + AFTER_CHANGE);
            hits += right.get(change, end).cardinality();
            counted += end - change;
        }
        return 100.0 * hits / counted;
    }

    private void run(Experiment experiment, List<ChangingStream> streams, PrintWriter out) {
        List<Row> rows = experiment.variants().stream()
                .map(variant -> new Row(variant.name(), streams.size()))
                .toList();
        long[] changesFound = new long[streams.size()];
        for (int s = 0; s < streams.size(); s++) {
            ChangingStream stream = streams.get(s);
            for (int seed = 0; seed < seeds; seed++) {
                List<Integer> changes = stream.changes();
                for (int v = 0; v < rows.size(); v++) {
                    ReactionRun.Result result = ReactionRun.of(
                            plan(stream, experiment, experiment.variants().get(v), seed), stream);
                    if (changes.isEmpty()) {
                        changes = result.alarms();
                    }
                    rows.get(v).add(s, result, changes, stream.events());
                }
                changesFound[s] += changes.size();
            }
            spec.commandLine().getErr().println(experiment.title() + ": " + stream.name() + " done");
        }
        out.println();
        out.println("### " + experiment.title());
        for (Measured measured : experiment.measured()) {
            print(measured, rows, streams, changesFound, out);
        }
        out.flush();
    }

    private void print(
            Measured measured, List<Row> rows, List<ChangingStream> streams, long[] changes, PrintWriter out) {
        String name = measured.name().toLowerCase(Locale.ROOT);
        out.println();
        out.println("| " + name + ", after changes (all events) | "
                + IntStream.range(0, streams.size())
                        .mapToObj(s -> Texts.format("%s (%d)", streams.get(s).name(), changes[s] / seeds))
                        .collect(Collectors.joining(" | "))
                + " | mean |");
        out.println("|---|" + "---:|".repeat(streams.size() + 1));
        Row base = rows.get(0);
        for (Row row : rows) {
            StringBuilder line = new StringBuilder("| " + row.name);
            double meanAfter = 0;
            double meanAll = 0;
            int measuredStreams = 0;
            for (int s = 0; s < streams.size(); s++) {
                double after = row.after[measured.ordinal()][s] / seeds;
                double all = row.all[measured.ordinal()][s] / seeds;
                if (row != base) {
                    after -= base.after[measured.ordinal()][s] / seeds;
                    all -= base.all[measured.ordinal()][s] / seeds;
                }
                meanAfter += Double.isNaN(after) ? 0 : after;
                meanAll += all;
                measuredStreams += Double.isNaN(after) ? 0 : 1;
                line.append(" | ").append(cell(row == base, after, all)).append(extra(measured, row, s));
            }
            out.println(line + " | " + cell(row == base, meanAfter / measuredStreams, meanAll / streams.size()) + " |");
        }
    }

    private static String cell(boolean base, double after, double all) {
        String ofAll = Texts.format(base ? " (%.1f)" : " (%+.2f)", all);
        return (Double.isNaN(after) ? "-" : Texts.format(base ? "%.1f" : "%+.2f", after)) + ofAll;
    }

    /** How often it was published, or another teacher took over. */
    private String extra(Measured measured, Row row, int stream) {
        double count =
                (double) (measured == Measured.PUBLISHED ? row.publications[stream] : row.takeovers[stream]) / seeds;
        boolean shown = measured == Measured.PUBLISHED || measured == Measured.TEACHER && count > 0;
        return shown ? Texts.format(" %.1fx", count) : "";
    }

    private LearningPlan plan(ChangingStream stream, Experiment experiment, Variant variant, int seed) {
        String yaml = String.join(
                "\n",
                "pipeline: reaction",
                "events:",
                "  label: { classes: [" + names("c", stream.classes()) + "] }",
                "  features:",
                IntStream.range(0, stream.features())
                        .mapToObj(f -> "    - { name: f" + f + ", type: numeric }")
                        .collect(Collectors.joining("\n")),
                "batch: { maxDelay: off }",
                "seed: " + (42 + 1000 * seed),
                "");
        List<String> all = new ArrayList<>(experiment.base());
        all.addAll(settings);
        all.addAll(variant.settings());
        Pipeline pipeline = PipelineReader.read("reaction", yaml, Map.of(), all);
        return LearningPlan.of(new JobSettings(PipelineWriter.complete(pipeline), labels, 0));
    }

    private static String names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).collect(Collectors.joining(", "));
    }
}
