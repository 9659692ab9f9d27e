package dev.reflux.benchmarks.reaction;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;

/**
 * Variants of a pipeline that are held against the first of them.
 *
 * @param base settings that all of them have
 * @param measured whose accuracy
 */
record Experiment(String title, List<String> base, List<Variant> variants, List<Measured> measured) {

    /** @param settings each {@code PATH=VALUE} */
    record Variant(String name, List<String> settings) {

        static Variant of(String name, String... settings) {
            return new Variant(name, List.of(settings));
        }
    }

    /** Whose accuracy is measured. */
    enum Measured {
        STUDENT(ReactionRun.Right::student),
        TEACHER(ReactionRun.Right::teacher),
        PUBLISHED(ReactionRun.Right::published);

        private final Function<ReactionRun.Right, BitSet> of;

        Measured(Function<ReactionRun.Right, BitSet> of) {
            this.of = of;
        }

        BitSet of(ReactionRun.Right right) {
            return of.apply(right);
        }
    }

    private static final String RATE = "drift.reaction.learningRate=";
    private static final String BATCHES = "drift.reaction.batches=";
    private static final String KEEP = "drift.reaction.keepReplay=";
    private static final String ALTERNATIVE = "drift.reaction.alternative=";
    private static final String ALTERNATIVE_RATE = "drift.reaction.alternativeLearningRate=";
    private static final String PUBLISH = "drift.reaction.publishAfter=";

    /** The defaults of {@code drift.reaction} are spelled out, so that the experiments stay what they are. */
    private static final List<String> NOTHING = List.of(RATE + 1, KEEP + 1, ALTERNATIVE + "none", PUBLISH + 0);

    static List<Experiment> all() {
        return List.of(
                new Experiment(
                        "Learning rate and second teacher",
                        NOTHING,
                        List.of(
                                Variant.of("nothing"),
                                Variant.of("rate x 2, 10 batches", RATE + 2, BATCHES + 10),
                                Variant.of("rate x 2, 40 batches", RATE + 2, BATCHES + 40),
                                Variant.of("rate x 4, 10 batches", RATE + 4, BATCHES + 10),
                                Variant.of("fresh teacher", ALTERNATIVE + "fresh", ALTERNATIVE_RATE + 1),
                                Variant.of("fresh teacher, rate x 2", ALTERNATIVE + "fresh", ALTERNATIVE_RATE + 2),
                                Variant.of("warm teacher, rate x 2", ALTERNATIVE + "warm", ALTERNATIVE_RATE + 2),
                                Variant.of("warm teacher, rate x 4", ALTERNATIVE + "warm", ALTERNATIVE_RATE + 4)),
                        List.of(Measured.STUDENT, Measured.TEACHER)),
                new Experiment(
                        "Replay memory, of teacher and student 2,000 events each, a uniform sample",
                        replay(),
                        List.of(
                                Variant.of("nothing"),
                                Variant.of("newest half kept", KEEP + 0.5),
                                Variant.of("cleared", KEEP + 0),
                                Variant.of("cleared, rate x 2, 10 batches", KEEP + 0, RATE + 2, BATCHES + 10)),
                        List.of(Measured.STUDENT, Measured.TEACHER)),
                new Experiment(
                        "Publication, due every 20 batches: accuracy of the student published last",
                        often(),
                        List.of(
                                Variant.of("as due"),
                                Variant.of("held for 2,000 events", "checkpoints.gate.hold=drift"),
                                Variant.of("out of turn after 4 batches", PUBLISH + 4),
                                Variant.of("out of turn after 8 batches", PUBLISH + 8)),
                        List.of(Measured.PUBLISHED)));
    }

    private static List<String> replay() {
        List<String> settings = new ArrayList<>(NOTHING);
        for (String learner : List.of("teacher", "students.0")) {
            settings.add(learner + ".replay.capacity=2000");
            settings.add(learner + ".replay.policy=reservoir");
        }
        return settings;
    }

    private static List<String> often() {
        List<String> settings = new ArrayList<>(NOTHING);
        settings.add("checkpoints.every=20 batches");
        return settings;
    }
}
