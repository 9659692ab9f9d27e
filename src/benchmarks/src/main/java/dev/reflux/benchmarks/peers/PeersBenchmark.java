package dev.reflux.benchmarks.peers;

import dev.reflux.benchmarks.Texts;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code src/benchmarks/run peers}. */
@Command(
        name = "peers",
        mixinStandardHelpOptions = true,
        description = {
            "How accurate and how fast student and teacher are, beside MOA's online networks.",
            "With --change: how soon they are back after an abrupt change, beside MOA's adaptive learners.",
            "Every learner predicts each event, then learns it; all get the same rows in the same order, and MOA has a JVM"
                    + " of its own. Maven downloads MOA and its PyTorch the first time."
        })
public final class PeersBenchmark implements Callable<Integer> {

    private static final String MLP = "moa.classifiers.deeplearning.MLP -n -h";

    private static final Map<String, String> ADAPTIVE = new LinkedHashMap<>();

    static {
        ADAPTIVE.put("Hoeffding adaptive tree (MOA)", "moa.classifiers.trees.HoeffdingAdaptiveTree");
        ADAPTIVE.put("adaptive random forest 10 (MOA)", "moa.classifiers.meta.AdaptiveRandomForest -s 10");
        ADAPTIVE.put("leveraging bag 10 (MOA)", "moa.classifiers.meta.LeveragingBag -s 10");
        ADAPTIVE.put("streaming random patches 10 (MOA)", "moa.classifiers.meta.StreamingRandomPatches -s 10");
        ADAPTIVE.put("MLP (MOA)", MLP);
    }

    /** Where the pipeline is not called as the stream is. */
    private static final Map<String, String> PIPELINES = Map.of(
            "covtype_first15120", "covtype",
            "mnist70k", "mnist",
            "news20_text", "news20");

    /** No setting of learning stays: everything by default, but for what is the user's to say. */
    private static final List<String> DEFAULTS =
            List.of("distillation={}", "feedback={}", "batch.step=event", "teacher={}");

    /** The teacher where the pipeline's events hold texts. */
    private static final String TEXT_TEACHER = "teacher.network={type: text, embedding: 128}";

    @Parameters(paramLabel = "STREAMS", description = "Folder of NAME.csv.gz, and the streams.json that lists them.")
    private Path folder = Path.of(".");

    @Option(
            names = "--streams",
            split = ",",
            paramLabel = "NAME",
            description = "Which of them (default: all that streams.json lists).")
    private List<String> streams = List.of();

    @Option(
            names = "--limit",
            split = ",",
            paramLabel = "[STREAM=]N",
            description =
                    "Read the first N rows of each stream, or of one: --limit 20000,mnist70k=7000 (default: all).")
    private List<String> limits = List.of();

    @Option(
            names = "--pipelines",
            paramLabel = "FOLDER",
            description = "Folder of the pipelines, NAME.yaml (default: src/service/examples).")
    private @Nullable Path pipelines;

    @Option(
            names = "--hidden",
            defaultValue = "32",
            description = "Hidden units of the student (default: ${DEFAULT-VALUE}).")
    private int hidden;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "Another setting of the pipelines, such as teacher.committee=none.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--change",
            paramLabel = "KIND",
            description =
                    "Put an abrupt change into each stream: labels (each class becomes the next) or features (each"
                            + " takes another's place).")
    private @Nullable Change change;

    @Option(
            names = "--at",
            paramLabel = "N",
            description = "Rows before the change (default: half of those that are read).")
    private @Nullable Integer at;

    @Option(
            names = "--labels",
            paramLabel = "SHARE",
            defaultValue = "1",
            description = "With --change: share of the labels that learning may see (default: ${DEFAULT-VALUE}).")
    private double labels;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (change == null && (at != null || labels != 1)) {
            throw new IllegalArgumentException("--at or --labels found without --change; give both or none");
        }
        StreamsFile file = StreamsFile.read(folder);
        List<String> names = streams.isEmpty() ? List.copyOf(file.peers().keySet()) : streams;
        RowLimits rows = new RowLimits(limits);
        names.forEach(this::requireFiles);
        MoaJvm moa = new MoaJvm(MoaClassPath.resolve());
        PrintWriter out = spec.commandLine().getOut();
        out.println(Texts.machine());
        boolean good = true;
        if (change == null) {
            PeersTable table = new PeersTable(file);
            for (String name : names) {
                good &= table.add(name, contest(name, rows, 1), moa, MLP, this::progress);
            }
            out.print(table.print());
        } else {
            for (String name : names) {
                recover(name, contest(name, rows, labels), change, moa, out);
                out.flush();
            }
        }
        out.flush();
        return good ? 0 : 1;
    }

    private void requireFiles(String name) {
        for (Path file : List.of(csv(name), pipeline(name))) {
            if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException("stream " + name + ": no file " + file + " found");
            }
        }
    }

    private Path csv(String name) {
        return folder.resolve(name + ".csv.gz");
    }

    private Path pipeline(String name) {
        Path of = pipelines == null ? ProjectFolder.root().resolve("src/service/examples") : pipelines;
        return of.resolve(PIPELINES.getOrDefault(name, name.replace('_', '-')) + ".yaml");
    }

    private Contest contest(String name, RowLimits rows, double share) throws IOException {
        List<String> all = new ArrayList<>(DEFAULTS);
        boolean texts = !PipelineSpecs.eventSchema(PipelineReader.read(pipeline(name), Map.of(), List.of()))
                .texts()
                .isEmpty();
        if (texts) {
            all.add(TEXT_TEACHER);
        }
        String network = texts ? "{type: text, embedding: " + hidden + "}" : "{hidden: [" + hidden + "]}";
        all.add("students=[{name: student, network: " + network + "}]");
        all.addAll(settings);
        return new Contest(csv(name), rows.of(name), pipeline(name), all, share);
    }

    private void progress(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }

    private void recover(String name, Contest contest, Change kind, MoaJvm moa, PrintWriter out)
            throws IOException, InterruptedException {
        int place = at == null ? contest.rows() / 2 : at;
        if (place < 1 || place + Recovery.WINDOW > contest.rows()) {
            throw new IllegalArgumentException("--at " + place + " found for " + name + ", which has " + contest.rows()
                    + " rows; at least one must come before the change and " + Recovery.WINDOW + " after it");
        }
        contest.change(kind, place);
        Map<String, Hits> learners = new LinkedHashMap<>();
        Contest.Loop loop = contest.loop();
        learners.put("student", loop.student());
        learners.put("student alone", contest.alone().hits());
        learners.put("teacher", loop.teacher().hits());
        for (Map.Entry<String, String> one : ADAPTIVE.entrySet()) {
            progress(name + ": " + one.getKey());
            learners.put(one.getKey(), contest.moa(moa, one.getValue()).hits());
        }
        out.print(RecoveryTable.of(name, contest.rows(), place, labels, learners));
    }
}
