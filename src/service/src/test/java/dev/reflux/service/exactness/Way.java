package dev.reflux.service.exactness;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.service.support.MixedEvents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to distil, as a pipeline file over {@link MixedEvents} that is one of many: what differs, and how much better than
 * always the same answer its students must at least become.
 *
 * @param stream what the events are like
 * @param labelShare share of the labels that learning may see
 * @param settings lines of the pipeline file
 */
record Way(String name, MixedEvents stream, double labelShare, double margin, String settings) {

    private static final MixedEvents EVENTS = new MixedEvents(0.2, 0.05, 0);
    private static final MixedEvents FEW_SENTENCES = new MixedEvents(0.2, 0.02, 0.2);
    private static final String ALL = MixedEvents.NUMBERS + ", " + MixedEvents.SENTENCE + ", " + MixedEvents.PICTURE;
    private static final String SHAPES = MixedEvents.NUMBERS + ", " + MixedEvents.PICTURE;
    private static final String ADAM = "type: adam, learningRate: 0.005";
    private static final String SGD = "type: sgd, learningRate: 0.05";
    private static final String BOTH = "label: 0.5, kd: 0.5";
    private static final String MLP = "type: mlp, hidden: [16]";
    private static final String CNN = "type: cnn, channels: [8, 12]";
    private static final String TEXT = "type: text, embedding: 16";
    private static final String TRANSFORMER = "type: transformer, tokens: 12, width: 16";

    private static Way of(String name, String teacher, String... settings) {
        return new Way(name, EVENTS, 1, 0.2, (teacher.isEmpty() ? "" : teacher + "\n") + String.join("\n", settings));
    }

    private Way on(MixedEvents other, double labels) {
        return new Way(name, other, labels, margin, settings);
    }

    private Way by(double other) {
        return new Way(name, stream, labelShare, other, settings);
    }

    private static String teacher(String network, String features, String... more) {
        return "teacher: { network: { " + network + " }, optimizer: { " + ADAM + " }, features: [" + features + "]"
                + rest(more) + " }";
    }

    private static String rest(String... more) {
        return more.length == 0 ? "" : ", " + String.join(", ", more);
    }

    private static String student(String name, String network, String features, String losses, String... more) {
        return "  - { name: " + name + ", network: { " + network + " }, optimizer: { "
                + (network.startsWith("type: mlp") || network.startsWith("type: text") ? SGD : ADAM) + " }, features: ["
                + features + "], distillation: { losses: { " + losses + " } }" + rest(more) + " }";
    }

    private static String students(String... students) {
        return "students:\n" + String.join("\n", students);
    }

    /** Of a committee, one for each kind of feature. */
    private static String members(String... more) {
        List<String> members = new ArrayList<>();
        for (String[] member : new String[][] {
            {"type: mlp, hidden: [24, 16]", MixedEvents.NUMBERS},
            {TEXT, MixedEvents.SENTENCE},
            {CNN, MixedEvents.PICTURE}
        }) {
            members.add(
                    "{ network: { " + member[0] + " }, optimizer: { " + ADAM + " }, features: [" + member[1] + "] }");
        }
        return "teacher: { members: [ " + String.join(", ", members) + " ]" + rest(more) + " }";
    }

    /**
     * All ways there are.
     *
     * @param snapshot where the first one saves its teacher, which a later one loads
     * @param onnx a published student of the first one
     */
    static List<Way> all(Path snapshot, Path onnx) {
        String shapes = "type: mlp, hidden: [32, 24]";
        List<Way> all = new ArrayList<>();
        all.add(of(
                FIRST,
                teacher(shapes, SHAPES, "save: " + snapshot),
                students(
                        student("label", MLP, SHAPES, "label: 1"),
                        student("kd", MLP, SHAPES, "kd: { weight: 1, temperature: 2 }"),
                        student(
                                "kd-cooling",
                                MLP,
                                SHAPES,
                                "kd: { weight: 1, temperature: 3, finalTemperature: 1, temperatureEvents: 1000 }"),
                        student("dkd", MLP, SHAPES, "dkd: 1"),
                        student("dist", MLP, SHAPES, "dist: 1"),
                        student("hint", MLP, SHAPES, "label: 1, hint: { weight: 0.1, teacher: hidden-2 }"),
                        student("rkd-distance", MLP, SHAPES, "label: 1, rkd-distance: 0.3"),
                        student("rkd-angle", MLP, SHAPES, "label: 1, rkd-angle: { weight: 0.3, teacher: hidden-1 }"),
                        student("similarity", MLP, SHAPES, "label: 1, similarity-preserving: 0.3"),
                        student("crd", MLP, SHAPES, "label: 1, crd: { weight: 0.2, queue: 64 }"))));
        all.add(of(
                        "the default",
                        "teacher: { network: { type: mlp, hidden: [32, 24] }, features: [" + SHAPES + "] }",
                        students(
                                "  - { name: small, network: { " + MLP + " }, features: [" + SHAPES + "] }",
                                "  - { name: distilled, network: { " + MLP + " }, features: [" + SHAPES
                                        + "], candidates: [bold], control: false }"),
                        "feedback: { policy: error-signal }")
                .on(EVENTS, 0.5));
        all.add(of(
                "the default on texts, hindsight and mutual learning",
                "teacher: { network: { " + TEXT + " }, features: [" + MixedEvents.SENTENCE + "], teach: after }",
                students("  - { name: small, network: { type: text, embedding: 8 }, features: [" + MixedEvents.SENTENCE
                        + "] }"),
                "feedback: { policy: mutual, weight: 0.1 }"));
        all.add(of(
                "attention to places",
                teacher("type: cnn, channels: [12, 16]", MixedEvents.PICTURE),
                students(
                        student(
                                "cnn",
                                CNN,
                                MixedEvents.PICTURE,
                                "label: 1, attention-transfer: { weight: 0.5, student: hidden-1, teacher: hidden-1 }"),
                        student("residual", CNN + ", residual: true", MixedEvents.PICTURE, BOTH))));
        all.add(of(
                "attention to tokens",
                teacher(TRANSFORMER + ", depth: 2", MixedEvents.SENTENCE),
                students(
                        student(
                                "transformer",
                                TRANSFORMER,
                                MixedEvents.SENTENCE,
                                "label: 1, attention-transfer: { weight: 0.5, student: hidden-1, teacher: hidden-2 }"),
                        student("words", TEXT, MixedEvents.SENTENCE, BOTH))));
        all.add(of(
                "networks",
                teacher(CNN + ", hidden: [24]", ALL),
                students(
                        student("mlp", MLP, ALL, BOTH),
                        student("cnn", CNN, ALL, BOTH),
                        student("text", TEXT, ALL, BOTH),
                        student("transformer", TRANSFORMER, ALL, BOTH),
                        student("own", "type: custom, name: tower, options: { width: 24 }", ALL, BOTH))));
        String two = students(
                student("large", "type: mlp, hidden: [24]", SHAPES, BOTH), student("small", MLP, SHAPES, BOTH));
        all.add(of(
                "mutual learning",
                teacher(shapes, SHAPES, "teach: before"),
                two,
                student("own-teacher", "type: mlp, hidden: [16, 12]", SHAPES, BOTH)
                        .replace("distillation: { ", "distillation: { scheme: self, "),
                "feedback: { policy: mutual, weight: 0.3, lag: 1 }"));
        all.add(of("error signal", teacher(shapes, SHAPES), two, "feedback: { policy: error-signal, lag: 2 }"));
        all.add(of(
                "meta pseudo labels", teacher(shapes, SHAPES), two, "feedback: { policy: meta, weight: 0.1, lag: 1 }"));
        for (String combination : List.of("mean", "confidence", "gradient")) {
            all.add(of("committee, " + combination, members("combine: " + combination), two)
                    .on(new MixedEvents(0.2, 0.1, 0.2), 1));
        }
        String attack = "adversarial: { epsilon: 0.1, steps: 2, ";
        all.add(of(
                "adversarial",
                teacher(shapes, SHAPES),
                students(
                        student("measured", MLP, SHAPES, BOTH + " }, " + attack + "weight: 0 "),
                        student("rslad", MLP, SHAPES, BOTH + " }, " + attack + "weight: 0.5 "),
                        student("ard", MLP, SHAPES, BOTH + " }, " + attack + "weight: 0.5, loss: ard "),
                        student(
                                "for-teacher",
                                MLP,
                                SHAPES,
                                BOTH + " }, " + attack + "weight: 0.5, hardFor: teacher "))));
        String replay = "replay: { capacity: 200, share: 0.5, policy: ";
        all.add(of(
                "steps, replay, warm-up",
                teacher(shapes, SHAPES, "steps: 2", "warmUp: 200", replay + "reservoir }"),
                students(
                        student("reservoir", MLP, SHAPES, BOTH, replay + "reservoir }"),
                        student("recent", MLP, SHAPES, BOTH, replay + "recent }"),
                        student("dark", MLP, SHAPES, BOTH, replay + "dark-experience }"),
                        student("steps", MLP, SHAPES, BOTH, "steps: 3", "warmUp: 300"))));
        all.add(of(
                        "cross-modal",
                        teacher(TEXT, MixedEvents.SENTENCE),
                        students(
                                student("numbers", MLP, MixedEvents.NUMBERS, BOTH),
                                student("picture", CNN, MixedEvents.PICTURE, BOTH),
                                student("numbers-alone", MLP, MixedEvents.NUMBERS, "label: 1"),
                                student("picture-alone", CNN, MixedEvents.PICTURE, "label: 1")))
                .on(FEW_SENTENCES, 0.1)
                .by(0.05));
        String kd = students(student("kd", MLP, SHAPES, "kd: 1"), student("dist", MLP, SHAPES, "dist: 1"));
        String frozen = "distillation: { scheme: offline }";
        all.add(of("offline, a snapshot", teacher(shapes, SHAPES, "load: " + snapshot), frozen, kd)
                .on(EVENTS, 0));
        all.add(of("offline, ONNX", "teacher: { from: onnx, load: " + onnx + " }", frozen, kd)
                .on(EVENTS, 0));
        all.add(of(OPINIONS, "teacher: { from: events }", frozen, kd).on(EVENTS, 0));
        all.add(of(
                SELF,
                "distillation: { scheme: self }",
                students(
                        self("mlp", "type: mlp, hidden: [16, 24, 12]", MixedEvents.NUMBERS, "hidden-1, hidden-2", 0),
                        self(
                                "mlp-first",
                                "type: mlp, hidden: [16, 24, 12]",
                                MixedEvents.NUMBERS,
                                "hidden-1, hidden-2",
                                1),
                        self("cnn", CNN + ", hidden: [16]", MixedEvents.PICTURE, "hidden-1, hidden-2", 0),
                        self("cnn-first", CNN + ", hidden: [16]", MixedEvents.PICTURE, "hidden-1, hidden-2", 1),
                        self("transformer", TRANSFORMER + ", depth: 2", MixedEvents.SENTENCE, "hidden-1", 0),
                        self("transformer-first", TRANSFORMER + ", depth: 2", MixedEvents.SENTENCE, "hidden-1", 1))));
        return all;
    }

    /** Its teacher is saved, and its student {@code label} published, for others. */
    static final String FIRST = "losses";

    static final String OPINIONS = "offline, opinions in the events";
    static final String SELF = "self";

    private static String self(String name, String network, String features, String at, int publish) {
        return "  - { name: " + name + ", network: { " + network + " }, optimizer: { " + ADAM + " }, features: ["
                + features + "], distillation: { exits: { at: [" + at + "], publish: " + publish + " } } }";
    }

    /**
     * The pipeline, with topics of its own for a run; its models do not know of the run.
     *
     * @param events topic of the events
     */
    Pipeline pipeline(String run, String events) {
        return PipelineReader.read("""
                pipeline: every-way
                topics: { events: %1$s, checkpoints: %2$s.out, drift: %2$s.drift, deadLetters: %2$s.dead }
                %3$s%4$sbatch: { size: 64, maxDelay: off, step: 8 }
                checkpoints: { every: 15 batches, gate: { maxRegression: 1, minEvents: 0 } }
                flink: { checkpointInterval: 100ms }
                %5$s
                """.formatted(
                        events,
                        run,
                        MixedEvents.SECTION,
                        name.equals(OPINIONS) ? "  teacher: { path: /teacher }\n" : "",
                        settings));
    }

    @Override
    public String toString() {
        return name;
    }
}
