package dev.reflux.benchmarks.reaction;

import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

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

    /** One network, a step of plain descent per event: no candidates and no committee that could adapt by themselves. */
    private static final List<String> PLAIN = List.of(
            "teacher.optimizer={type: sgd, learningRate: 0.02}",
            "teacher.teach=after",
            "students.0.optimizer={type: sgd, learningRate: 0.05}",
            "distillation.losses={label: 0.5, kd: 0.5}");

    static List<Experiment> all() {
        return List.of(
                new Experiment(
                        "The default recipe",
                        NOTHING,
                        List.of(
                                Variant.of("nothing"),
                                Variant.of("rate x 2, 10 batches", RATE + 2, BATCHES + 10),
                                Variant.of("fresh teacher", ALTERNATIVE + "fresh", ALTERNATIVE_RATE + 1),
                                Variant.of("warm teacher, rate x 2", ALTERNATIVE + "warm", ALTERNATIVE_RATE + 2),
                                Variant.of("replay memory cleared", KEEP + 0)),
                        List.of(Measured.STUDENT, Measured.TEACHER)),
                new Experiment(
                        "Plain descent: learning rate and second teacher",
                        plain(),
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
                        "Plain descent: replay memory, of teacher and student 2,000 events each, a uniform sample",
                        plain(
                                "teacher.replay={capacity: 2000, policy: reservoir}",
                                "students.0.replay={capacity: 2000, policy: reservoir}"),
                        List.of(
                                Variant.of("nothing"),
                                Variant.of("newest half kept", KEEP + 0.5),
                                Variant.of("cleared", KEEP + 0),
                                Variant.of("cleared, rate x 2, 10 batches", KEEP + 0, RATE + 2, BATCHES + 10)),
                        List.of(Measured.STUDENT, Measured.TEACHER)),
                new Experiment(
                        "Plain descent: publication, due every 20 batches",
                        plain("checkpoints.every=20 batches"),
                        List.of(
                                Variant.of("as due"),
                                Variant.of("held for 2,000 events", "checkpoints.gate.hold=drift"),
                                Variant.of("out of turn after 4 batches", PUBLISH + 4),
                                Variant.of("out of turn after 8 batches", PUBLISH + 8)),
                        List.of(Measured.PUBLISHED)));
    }

    private static List<String> plain(String... more) {
        return Stream.of(NOTHING, PLAIN, List.of(more)).flatMap(List::stream).toList();
    }
}
