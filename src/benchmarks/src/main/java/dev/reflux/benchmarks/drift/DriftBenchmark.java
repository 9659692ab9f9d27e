package dev.reflux.benchmarks.drift;

import dev.reflux.benchmarks.Spread;
import dev.reflux.benchmarks.Texts;
import dev.reflux.benchmarks.drift.ErrorStream.Kind;
import dev.reflux.drift.DriftLevel;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code src/benchmarks/run drift}. */
@Command(
        name = "drift",
        mixinStandardHelpOptions = true,
        description = {
            "How soon, how surely and how fast the drift detectors find changes, beside MOA's.",
            "On generated errors, and with --data on those of an online classifier on real streams with changes put in."
        })
public final class DriftBenchmark implements Callable<Integer> {

    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();
    private static final List<String> STREAMS =
            List.of("elec2", "weather", "rialto", "insects_gradual", "covtype_first15120", "spam");

    @Option(names = "--seeds", defaultValue = "20", description = "Streams of each kind (default: ${DEFAULT-VALUE}).")
    private int seeds;

    @Option(names = "--data", paramLabel = "FOLDER", description = "Folder of real streams, NAME.csv.gz.")
    private @Nullable Path data;

    @Option(
            names = "--values",
            defaultValue = "5000000",
            description = "Values per measurement of the speed (default: ${DEFAULT-VALUE}).")
    private int values;

    @Option(names = "--repetitions", defaultValue = "7", description = "Default: ${DEFAULT-VALUE}.")
    private int repetitions;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Texts.machine());
        List<Contestant> contestants = new ArrayList<>(Contestant.ours());
        contestants.addAll(Moa.detectors());
        contestants.addAll(Contestant.oursWithCoolDown());
        contestants.addAll(Contestant.baselines());
        for (Kind kind : Kind.values()) {
            List<ErrorStream> streams = LongStream.rangeClosed(1, seeds)
                    .mapToObj(seed -> GeneratedErrors.of(kind, seed))
                    .toList();
            print(Texts.format("Generated errors, %s", name(kind)), score(contestants, streams), out);
        }
        if (data != null) {
            List<Table> tables = tables(data);
            for (Kind kind : Kind.values()) {
                List<ErrorStream> streams = tables.stream()
                        .flatMap(table -> LongStream.rangeClosed(1, Math.max(1, seeds / 4))
                                .mapToObj(seed -> RealErrors.of(table, kind, seed)))
                        .toList();
                print(Texts.format("Errors on real streams, %s", name(kind)), score(contestants, streams), out);
            }
        }
        return printSpeed(out) ? 0 : 1;
    }

    private static String name(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static List<Table> tables(Path folder) {
        List<Table> tables = new ArrayList<>();
        STREAMS.forEach(stream -> tables.add(Table.read(folder, stream)));
        return tables;
    }

    private static Map<String, Score> score(List<Contestant> contestants, List<ErrorStream> streams) {
        Map<String, Score> scores = new LinkedHashMap<>();
        for (Contestant contestant : contestants) {
            Score score = new Score();
            streams.forEach(stream -> score.add(contestant.make(), stream));
            scores.put(contestant.name(), score);
        }
        return scores;
    }

    private static void print(String title, Map<String, Score> scores, PrintWriter out) {
        boolean changes = scores.values().iterator().next().hasChanges();
        out.println();
        out.println("### " + title);
        out.println();
        out.println(changes ? "| detector | MTD | MTFA | MDR | MTR | F1 |" : "| detector | false alarms | MTFA |");
        out.println(changes ? "|---|---:|---:|---:|---:|---:|" : "|---|---:|---:|");
        scores.forEach((name, score) -> out.println(
                changes
                        ? Texts.format(
                                "| %s | %s | %,.0f | %.3f | %,.1f | %.3f |",
                                name,
                                score.meanTimeToDetection() > 0
                                        ? Texts.format("%,.0f", score.meanTimeToDetection())
                                        : "-",
                                score.meanTimeBetweenFalseAlarms(),
                                score.missedDetectionRate(),
                                score.meanTimeRatio(),
                                score.f1())
                        : Texts.format(
                                "| %s | %,d | %s%,.0f |",
                                name,
                                score.falseAlarms(),
                                score.falseAlarms() == 0 ? "above " : "",
                                score.meanTimeBetweenFalseAlarms())));
        out.flush();
    }

    /** Ours and MOA's in turn over the same values. Returns whether none of ours is slower. */
    private boolean printSpeed(PrintWriter out) {
        double[] errors = GeneratedErrors.of(Kind.ABRUPT, 1).errors();
        out.println();
        out.println("### Speed, million values per second of processor time: median (least..most)");
        out.println();
        out.println("| detector | ours | MOA's | ratio |");
        out.println("|---|---:|---:|---:|");
        boolean quick = true;
        Map<String, Contestant> moas = new LinkedHashMap<>();
        Moa.detectors().forEach(one -> moas.put(one.name().replace(" (MOA)", ""), one));
        for (Contestant ours : Contestant.ours()) {
            Contestant moa = moas.get(ours.name());
            List<Double> our = new ArrayList<>();
            List<Double> theirs = new ArrayList<>();
            List<Double> ratios = new ArrayList<>();
            for (int i = -2; i < repetitions; i++) {
                double rate = rate(ours, errors);
                double moaRate = moa == null ? Double.NaN : rate(moa, errors);
                if (i >= 0) {
                    our.add(rate);
                    theirs.add(moaRate);
                    ratios.add(rate / moaRate);
                }
            }
            double ratio = Spread.of(ratios).median();
            quick &= moa == null || ratio >= 1;
            out.println(Texts.format(
                    "| %s | %s | %s | %s |",
                    ours.name(),
                    rates(Spread.of(our)),
                    moa == null ? "-" : rates(Spread.of(theirs)),
                    moa == null ? "-" : Texts.format("%.2f", ratio)));
            out.flush();
        }
        return quick;
    }

    private static String rates(Spread of) {
        return Texts.format("%.1f (%.1f..%.1f)", of.median() / 1e6, of.least() / 1e6, of.most() / 1e6);
    }

    private double rate(Contestant contestant, double[] errors) {
        Contestant.Watcher watcher = contestant.make();
        long alarms = 0;
        long start = THREAD.getCurrentThreadCpuTime();
        for (int i = 0, next = 0; i < values; i++) {
            alarms += watcher.add(errors[next]) == DriftLevel.DRIFT ? 1 : 0;
            next = next + 1 == errors.length ? 0 : next + 1;
        }
        double seconds = (THREAD.getCurrentThreadCpuTime() - start) / 1e9;
        if (alarms < 0) {
            throw new IllegalStateException("so that no compiler leaves the detector out");
        }
        return values / seconds;
    }
}
