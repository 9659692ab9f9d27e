package dev.reflux.distillation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.distillation.adversarial.AdversarialSpec;
import dev.reflux.distillation.candidates.Way;
import dev.reflux.distillation.committee.Combination;
import dev.reflux.distillation.committee.MemberSpec;
import dev.reflux.distillation.engine.EngineChoice;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.ModelSpec;
import dev.reflux.distillation.engine.OptimizerSpec;
import dev.reflux.distillation.feedback.FeedbackPolicies;
import dev.reflux.distillation.loss.LossShapes;
import dev.reflux.distillation.loss.LossSpec;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.replay.ReplaySpec;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What teachers and students can be told beyond one step on each group of rows: each does what it is for, and resumes. */
class LearnersTest {

    private static final int CLASSES = 3;
    private static final int ROWS = 16;
    private static final InputLayout LAYOUT = InputLayout.ofNumeric(4);
    private static final OptimizerSpec SGD = new OptimizerSpec.Sgd(0.05, 0, 0);
    private static final List<LossSpec> LOSSES =
            List.of(new LossSpec("label", 0.5, Map.of()), new LossSpec("kd", 0.5, Map.of()));

    /**
     * One way to learn.
     *
     * @param members rates of the teacher's networks
     */
    record Setup(
            String name,
            TeacherSpec.Moment moment,
            List<Double> members,
            Combination.Kind combination,
            LearningSpec learning,
            AdversarialSpec adversarial,
            String policy,
            double average,
            List<Way> candidates) {

        static Setup of(String name) {
            return new Setup(
                    name,
                    TeacherSpec.Moment.AFTER,
                    List.of(0.05),
                    Combination.Kind.MEAN,
                    LearningSpec.steps(4),
                    AdversarialSpec.NONE,
                    "none",
                    0,
                    List.of(Way.DISTILLED));
        }

        Setup with(LearningSpec other) {
            return new Setup(name, moment, members, combination, other, adversarial, policy, average, candidates);
        }

        Setup with(Combination.Kind other) {
            return new Setup(
                    name, moment, List.of(0.02, 0.05, 0.1), other, learning, adversarial, policy, average, candidates);
        }

        Setup with(AdversarialSpec other) {
            return new Setup(name, moment, members, combination, learning, other, policy, average, candidates);
        }

        Setup with(TeacherSpec.Moment other, String feedback) {
            return new Setup(name, other, members, combination, learning, adversarial, feedback, average, candidates);
        }

        Setup withAverages(double rate) {
            return new Setup(name, moment, members, combination, learning, adversarial, policy, rate, candidates);
        }

        Setup with(Way... ways) {
            return new Setup(name, moment, members, combination, learning, adversarial, policy, average, List.of(ways));
        }

        TeacherSpec teacherSpec() {
            AdversarialSpec sent =
                    adversarial.hardFor() == AdversarialSpec.HardFor.TEACHER ? adversarial : AdversarialSpec.NONE;
            MemberSpec member = new MemberSpec(learning, average);
            return new TeacherSpec(moment, List.of(member), combination, sent, 500, 100).withMembers(members.size());
        }

        StudentSpec studentSpec() {
            return new StudentSpec(
                    "small",
                    LOSSES,
                    null,
                    learning,
                    adversarial,
                    candidates,
                    true,
                    FeedbackPolicies.create(policy, 0.2, CLASSES).needsLossAfter(),
                    500,
                    100);
        }

        ModelSpec member(int index) {
            OptimizerSpec rate = new OptimizerSpec.Sgd(members.get(index), 0, 0);
            return new ModelSpec(MlpSpec.of(24), rate, EngineChoice.FUSED, 4);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final ModelSpec SMALL = new ModelSpec(MlpSpec.of(8), SGD, EngineChoice.FUSED, 4);

    static List<Setup> setups() {
        List<Setup> all = new ArrayList<>();
        all.add(Setup.of("steps and warm-up").with(new LearningSpec(4, 3, 100, ReplaySpec.NONE)));
        for (ReplaySpec.Policy policy : ReplaySpec.Policy.values()) {
            ReplaySpec replay = new ReplaySpec(50, 0.6, policy, 0.3);
            all.add(Setup.of("replay " + policy).with(new LearningSpec(4, 1, 0, replay)));
        }
        for (Combination.Kind kind : Combination.Kind.values()) {
            all.add(Setup.of("committee " + kind).with(kind));
        }
        all.add(Setup.of("averages, stacked").with(Combination.Kind.STACKED).withAverages(0.05));
        all.add(Setup.of("averages, step by step")
                .with(TeacherSpec.Moment.STEPWISE, "error-signal")
                .withAverages(0.05));
        all.add(Setup.of("averages, before")
                .with(TeacherSpec.Moment.BEFORE, "none")
                .withAverages(0.05));
        all.add(Setup.of("every way at once").with(Way.MEMORY, Way.ALONE, Way.DISTILLED, Way.BOLD));
        all.add(Setup.of("relearned labels")
                .with(new LearningSpec(
                        4, 1, 0, new ReplaySpec(50, 1.5, ReplaySpec.Policy.RECENT, 0, ReplaySpec.Relearn.LABELS))));
        for (AdversarialSpec.Loss loss : AdversarialSpec.Loss.values()) {
            all.add(Setup.of("adversarial " + loss)
                    .with(new AdversarialSpec(0.2, 3, 0, AdversarialSpec.HardFor.STUDENT, loss, 0.5)));
        }
        all.add(Setup.of("adversarial, hard for the teacher")
                .with(new AdversarialSpec(
                        0.2, 3, 0, AdversarialSpec.HardFor.TEACHER, AdversarialSpec.Loss.RSLAD, 0.5)));
        all.add(Setup.of("meta").with(TeacherSpec.Moment.AFTER, "meta"));
        all.add(Setup.of("meta, before").with(TeacherSpec.Moment.BEFORE, "meta"));
        all.add(Setup.of("replay, before")
                .with(new LearningSpec(4, 2, 10, new ReplaySpec(20, 1, ReplaySpec.Policy.RESERVOIR, 0)))
                .with(TeacherSpec.Moment.BEFORE, "mutual"));
        return all;
    }

    /** Teacher and student with the loop between them, two batches behind. */
    private static final class Pair implements AutoCloseable {
        final Setup setup;
        final Teacher teacher;
        final Student student;

        Pair(Setup setup) {
            this.setup = setup;
            List<Model> models = new ArrayList<>();
            for (int i = 0; i < setup.members().size(); i++) {
                models.add(Model.create(setup.member(i), LAYOUT, CLASSES, 10 + i));
            }
            teacher = new Teacher(
                    setup.teacherSpec(), models, CLASSES, FeedbackPolicies.create(setup.policy(), 0.2, CLASSES), 5);
            student = new Student(
                    setup.studentSpec(), () -> Model.create(SMALL, LAYOUT, CLASSES, 2), LossShapes.ofLogits(CLASSES));
        }

        Pair(Setup setup, byte[] state) {
            this.setup = setup;
            StateReader in = new StateReader(state);
            List<Function<StateReader, Predictor>> readers = new ArrayList<>();
            for (int i = 0; i < setup.members().size(); i++) {
                ModelSpec spec = setup.member(i);
                readers.add(own -> Model.read(spec, LAYOUT, CLASSES, own));
            }
            teacher = Teacher.read(
                    setup.teacherSpec(),
                    readers,
                    CLASSES,
                    FeedbackPolicies.create(setup.policy(), 0.2, CLASSES),
                    5,
                    in);
            student = Student.read(
                    setup.studentSpec(), SMALL, InputSelection.all(LAYOUT), LossShapes.ofLogits(CLASSES), in);
        }

        void run(int from, int to, double labelShare) {
            for (int number = from; number < to; number++) {
                Examples batch = batch(number, labelShare);
                Lesson lesson = teacher.teach(number, batch);
                teacher.learn(batch, List.of(student.study(lesson, batch)));
            }
        }

        byte[] state() {
            StateWriter out = new StateWriter();
            teacher.write(out);
            student.write(out);
            return out.toBytes();
        }

        @Override
        public void close() {
            teacher.close();
            student.close();
        }
    }

    /** Three classes of which the sign of a product and a sum decide. */
    private static Examples batch(long number, double labelShare) {
        SplittableRandom random = new SplittableRandom(number);
        float[] values = new float[ROWS * 4];
        int[] truth = new int[ROWS];
        int[] labels = new int[ROWS];
        for (int row = 0; row < ROWS; row++) {
            for (int i = 0; i < 4; i++) {
                values[row * 4 + i] = (float) (3 * random.nextDouble() - 1.5);
            }
            truth[row] = values[row * 4] * values[row * 4 + 1] > 0 ? 0 : values[row * 4 + 2] > 0 ? 1 : 2;
            labels[row] = random.nextDouble() < labelShare ? truth[row] : Examples.UNLABELLED;
        }
        return new Examples(
                LAYOUT,
                ROWS,
                FloatBuffer.wrap(values),
                IntBuffer.allocate(0),
                IntBuffer.allocate(1),
                IntBuffer.allocate(0),
                FloatBuffer.allocate(0),
                IntBuffer.wrap(labels),
                IntBuffer.wrap(truth));
    }

    @ParameterizedTest
    @MethodSource("setups")
    void everyWay_learnsAndResumesBitForBit(Setup setup) {
        try (Pair whole = new Pair(setup)) {
            whole.run(0, 60, 0.7);
            byte[] state = whole.state();
            try (Pair resumed = new Pair(setup, state)) {
                assertThat(resumed.state()).isEqualTo(state);
                whole.run(60, 120, 0.7);
                resumed.run(60, 120, 0.7);
                assertThat(resumed.state()).isEqualTo(whole.state());
            }
            whole.run(120, 400, 0.7);
            assertThat(whole.teacher.quality().recent().accuracy()).isGreaterThan(0.75);
            assertThat(whole.student.quality().recent().accuracy()).isGreaterThan(0.65);
            assertThat(whole.student.seen()).isEqualTo(400L * ROWS);
        }
    }

    @Test
    void replay_ofFewLabels_makesABetterTeacher() {
        try (Pair without = new Pair(Setup.of("without"));
                Pair with = new Pair(Setup.of("with")
                        .with(new LearningSpec(4, 1, 0, new ReplaySpec(500, 1, ReplaySpec.Policy.RESERVOIR, 0))))) {
            without.run(0, 200, 0.05);
            with.run(0, 200, 0.05);
            assertThat(with.teacher.quality().recent().accuracy())
                    .isGreaterThan(without.teacher.quality().recent().accuracy() + 0.1);
        }
    }

    @Test
    void steps_areCounted() {
        try (Pair pair = new Pair(Setup.of("three")
                .with(new LearningSpec(4, 3, 0, new ReplaySpec(10, 0.5, ReplaySpec.Policy.RECENT, 0))))) {
            pair.run(0, 2, 1);
            // Four groups of four rows: three steps each, and one on two replayed rows, but for the first: nothing is
            // there.
            assertThat(pair.student.steps()).isEqualTo(2 * 4 * 4 - 1);
        }
    }

    @Test
    void warmUp_beginsWithSmallSteps() {
        Examples batch = batch(1, 1);
        double[] moved = new double[2];
        for (int i = 0; i < 2; i++) {
            try (Pair pair = new Pair(Setup.of("warm").with(new LearningSpec(4, 1, i * 1000L, ReplaySpec.NONE)))) {
                pair.student.model().observe(batch, 0, ROWS);
                float[] before = logits(pair.student.model(), batch);
                pair.student.study(pair.teacher.teach(0, batch), batch);
                float[] after = logits(pair.student.model(), batch);
                for (int k = 0; k < before.length; k++) {
                    moved[i] += Math.abs(after[k] - before[k]);
                }
            }
        }
        assertThat(moved[1]).isPositive().isLessThan(0.2 * moved[0]);
    }

    @Test
    void adversarialLearning_makesTheStudentHarderToMislead() {
        double[] robust = new double[2];
        for (int i = 0; i < 2; i++) {
            try (Pair pair = new Pair(Setup.of("attacked")
                    .with(new AdversarialSpec(
                            0.3, 5, 0, AdversarialSpec.HardFor.STUDENT, AdversarialSpec.Loss.RSLAD, i)))) {
                pair.run(0, 600, 1);
                robust[i] = pair.student.robustAccuracy();
                assertThat(robust[i]).isLessThan(pair.student.quality().total().accuracy());
            }
        }
        assertThat(robust[1]).isGreaterThan(robust[0] + 0.02);
    }

    @ParameterizedTest
    @EnumSource(Combination.Kind.class)
    void committee_isAsGoodAsItsMembers(Combination.Kind kind) {
        try (Pair committee = new Pair(Setup.of("committee").with(kind));
                Pair single = new Pair(Setup.of("single"))) {
            committee.run(0, 300, 1);
            single.run(0, 300, 1);
            assertThat(committee.teacher.models()).hasSize(3);
            assertThat(committee.teacher.quality().total().accuracy())
                    .isGreaterThan(single.teacher.quality().total().accuracy() - 0.01);
            Lesson lesson = committee.teacher.teach(300, batch(300, 1));
            assertThat(lesson.members()).hasSize(kind == Combination.Kind.GRADIENT ? 3 : 0);
        }
    }

    @Test
    void committee_resultsDoNotDependOnThreads() {
        byte[][] states = new byte[3][];
        for (int i = 0; i < states.length; i++) {
            try (Pair pair = new Pair(Setup.of("committee").with(Combination.Kind.CONFIDENCE))) {
                pair.run(0, 30, 0.5);
                states[i] = pair.state();
            }
        }
        assertThat(states[1]).isEqualTo(states[0]);
        assertThat(states[2]).isEqualTo(states[0]);
    }

    private static float[] logits(Model model, Examples examples) {
        float[] logits = new float[examples.size() * CLASSES];
        model.predict(examples, 0, examples.size(), logits);
        return logits;
    }
}
