package dev.reflux.distillation.reaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.InputSelection;
import dev.reflux.distillation.LearningSpec;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.StudentSpec;
import dev.reflux.distillation.Teacher;
import dev.reflux.distillation.TeacherSpec;
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
import dev.reflux.distillation.reaction.ReactionSpec.Alternative;
import dev.reflux.distillation.replay.ReplaySpec;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReactionTest {

    private static final int CLASSES = 3;
    private static final int ROWS = 16;
    private static final int CHANGE = 150;
    private static final InputLayout LAYOUT = InputLayout.ofNumeric(4);
    private static final LearningSpec LEARNING =
            new LearningSpec(4, 1, 0, new ReplaySpec(200, 1, ReplaySpec.Policy.RESERVOIR, 0));
    private static final ModelSpec LARGE =
            new ModelSpec(MlpSpec.of(24), new OptimizerSpec.Sgd(0.02, 0, 0), EngineChoice.FUSED, 4);
    private static final ModelSpec SMALL =
            new ModelSpec(MlpSpec.of(8), new OptimizerSpec.Sgd(0.05, 0, 0), EngineChoice.FUSED, 4);

    /** Teacher and student with their reactions, the loop one batch behind. */
    private static final class Pair implements AutoCloseable, TeacherReaction.Teachers {
        final TeacherSpec.Moment moment;
        final Teacher teacher;
        final Student student;
        final TeacherReaction teacherReaction;
        final StudentReaction studentReaction;
        final List<Feedback> pending = new ArrayList<>();

        Pair(ReactionSpec spec, TeacherSpec.Moment moment) {
            this.moment = moment;
            teacher = create(0);
            student = new Student(
                    studentSpec(), () -> Model.create(SMALL, LAYOUT, CLASSES, 2), LossShapes.ofLogits(CLASSES));
            teacherReaction = new TeacherReaction(spec, this);
            studentReaction = new StudentReaction(spec);
        }

        Pair(ReactionSpec spec, TeacherSpec.Moment moment, byte[] state) {
            this.moment = moment;
            StateReader in = new StateReader(state);
            teacher = read(in);
            student = Student.read(studentSpec(), SMALL, InputSelection.all(LAYOUT), LossShapes.ofLogits(CLASSES), in);
            teacherReaction = new TeacherReaction(spec, this);
            teacherReaction.read(in, teacher);
            studentReaction = new StudentReaction(spec);
            studentReaction.read(in, student);
            int waiting = in.getInt();
            for (int i = 0; i < waiting; i++) {
                pending.add(Feedback.read(in));
            }
        }

        @Override
        public Teacher create(long number) {
            return new Teacher(
                    teacherSpec(),
                    List.of(Model.create(LARGE, LAYOUT, CLASSES, 10 + number)),
                    CLASSES,
                    FeedbackPolicies.create("mutual", 0.2, CLASSES),
                    5 + number);
        }

        @Override
        public Teacher read(StateReader in) {
            return Teacher.read(
                    teacherSpec(),
                    List.of(own -> Model.read(LARGE, LAYOUT, CLASSES, own)),
                    CLASSES,
                    FeedbackPolicies.create("mutual", 0.2, CLASSES),
                    5,
                    in);
        }

        private TeacherSpec teacherSpec() {
            return new TeacherSpec(
                    moment, List.of(new MemberSpec(LEARNING, 0)), Combination.Kind.MEAN, AdversarialSpec.NONE, 500, 0);
        }

        private static StudentSpec studentSpec() {
            return new StudentSpec(
                    "small",
                    List.of(new LossSpec("label", 0.5, Map.of()), new LossSpec("kd", 0.5, Map.of())),
                    null,
                    LEARNING,
                    AdversarialSpec.NONE,
                    List.of(Way.DISTILLED),
                    false,
                    false,
                    500,
                    0);
        }

        /** @param level that the student's detectors reach with the last of these batches */
        void run(int from, int to, int level) {
            for (int number = from; number < to; number++) {
                if (pending.size() > 1) {
                    learnOldest();
                }
                Examples batch = batch(number);
                Lesson lesson = teacher.teach(number, batch);
                teacherReaction.afterTeaching(teacher, batch, lesson);
                int reached = number == to - 1 ? level : 0;
                Feedback feedback = student.study(lesson, batch).withDriftLevel(reached);
                studentReaction.afterBatch(student, reached);
                pending.add(feedback);
            }
        }

        private void learnOldest() {
            Feedback oldest = pending.remove(0);
            Examples batch = batch(oldest.batch());
            teacher.learn(batch, List.of(oldest));
            teacherReaction.afterLearning(teacher, batch, List.of(oldest));
        }

        byte[] state() {
            StateWriter out = new StateWriter();
            teacher.write(out);
            student.write(out);
            teacherReaction.write(out);
            studentReaction.write(out);
            out.putInt(pending.size());
            pending.forEach(one -> one.write(out));
            return out.toBytes();
        }

        double accuracy() {
            return teacher.quality().recent().accuracy();
        }

        @Override
        public void close() {
            teacherReaction.close();
            teacher.close();
            student.close();
        }
    }

    /** Three classes of which the signs of a product and a sum decide; from the change on others than before. */
    private static Examples batch(long number) {
        SplittableRandom random = new SplittableRandom(number);
        float[] values = new float[ROWS * 4];
        int[] labels = new int[ROWS];
        for (int row = 0; row < ROWS; row++) {
            for (int i = 0; i < 4; i++) {
                values[row * 4 + i] = (float) (3 * random.nextDouble() - 1.5);
            }
            int concept = values[row * 4] * values[row * 4 + 1] > 0 ? 0 : values[row * 4 + 2] > 0 ? 1 : 2;
            labels[row] = number < CHANGE ? concept : (concept + 1) % CLASSES;
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
                IntBuffer.wrap(labels));
    }

    private static ReactionSpec with(Alternative alternative) {
        return new ReactionSpec(1, 0, 1, alternative, 1, 60);
    }

    @Test
    void nothingAskedFor_changesNothing() {
        try (Pair deaf = new Pair(ReactionSpec.NONE, TeacherSpec.Moment.AFTER);
                Pair quiet = new Pair(ReactionSpec.NONE, TeacherSpec.Moment.AFTER)) {
            deaf.run(0, 40, 2);
            deaf.run(40, 80, 0);
            quiet.run(0, 80, 0);
            assertThat(deaf.student.model().sha256())
                    .isEqualTo(quiet.student.model().sha256());
            assertThat(deaf.teacher.models().get(0).sha256())
                    .isEqualTo(quiet.teacher.models().get(0).sha256());
        }
    }

    @Test
    void rate_afterAnAlarm_isAnotherForAWhile() {
        ReactionSpec spec = new ReactionSpec(3, 5, 1, Alternative.NONE, 1, 1);
        try (Pair pair = new Pair(spec, TeacherSpec.Moment.AFTER)) {
            pair.run(0, 20, 1);
            assertThat(pair.studentReaction.rateFactor()).as("a warning").isEqualTo(1);
            pair.run(20, 21, 2);
            assertThat(pair.studentReaction.rateFactor()).isEqualTo(3);
            assertThat(pair.teacherReaction.rateFactor())
                    .as("its feedback comes two batches later")
                    .isEqualTo(1);
            pair.run(21, 23, 0);
            assertThat(pair.teacherReaction.rateFactor()).isEqualTo(3);
            pair.run(23, 25, 0);
            assertThat(pair.studentReaction.rateFactor()).isEqualTo(3);
            pair.run(25, 26, 0);
            assertThat(pair.studentReaction.rateFactor()).isEqualTo(1);
            assertThat(pair.teacherReaction.rateFactor()).isEqualTo(3);
            pair.run(26, 28, 0);
            assertThat(pair.teacherReaction.rateFactor()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 1", "1, 0", "3, 0"})
    void boostAndForgetting_afterAChange_recoverSooner(double factor, double kept) {
        try (Pair reacting =
                        new Pair(new ReactionSpec(factor, 40, kept, Alternative.NONE, 1, 1), TeacherSpec.Moment.AFTER);
                Pair plain = new Pair(ReactionSpec.NONE, TeacherSpec.Moment.AFTER)) {
            for (Pair pair : List.of(reacting, plain)) {
                pair.run(0, CHANGE + 5, 2);
                pair.run(CHANGE + 5, CHANGE + 50, 0);
            }
            assertThat(reacting.accuracy()).isGreaterThan(plain.accuracy() + 0.05);
            assertThat(reacting.student.quality().recent().accuracy())
                    .isGreaterThan(plain.student.quality().recent().accuracy() + 0.05);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TeacherSpec.Moment.class,
            names = {"BEFORE", "AFTER"})
    void alternative_betterAfterADrift_takesOver(TeacherSpec.Moment moment) {
        try (Pair pair = new Pair(with(Alternative.FRESH), moment);
                Pair plain = new Pair(ReactionSpec.NONE, moment)) {
            for (Pair one : List.of(pair, plain)) {
                one.run(0, CHANGE + 2, 1);
                one.run(CHANGE + 2, CHANGE + 6, 2);
                one.run(CHANGE + 6, CHANGE + 60, 0);
            }
            assertThat(pair.teacherReaction.alternatives()).isEqualTo(1);
            assertThat(pair.teacherReaction.takeovers()).isEqualTo(1);
            assertThat(pair.accuracy()).isGreaterThan(plain.accuracy());
            assertThat(pair.teacher.quality().total().events())
                    .as("quality goes on over both")
                    .isEqualTo(plain.teacher.quality().total().events());
        }
    }

    @Test
    void alternative_betterAfterAMereWarning_doesNotTakeOver() {
        try (Pair pair = new Pair(with(Alternative.FRESH), TeacherSpec.Moment.AFTER)) {
            pair.run(0, CHANGE + 2, 1);
            pair.run(CHANGE + 2, CHANGE + 55, 0);
            assertThat(pair.teacherReaction.alternatives()).isEqualTo(1);
            assertThat(pair.teacherReaction.takeovers()).isZero();
        }
    }

    @Test
    void alternative_noBetterAfterAFalseAlarm_isDropped() {
        try (Pair pair = new Pair(with(Alternative.FRESH), TeacherSpec.Moment.AFTER)) {
            pair.run(0, 70, 2);
            pair.run(70, 140, 0);
            assertThat(pair.teacherReaction.takeovers()).isZero();
            pair.run(140, 145, 2);
            assertThat(pair.teacherReaction.alternatives()).isEqualTo(1);
            pair.run(145, 148, 0);
            assertThat(pair.teacherReaction.alternatives())
                    .as("the first is gone, so another begins")
                    .isEqualTo(2);
        }
    }

    @Test
    void alternative_warm_knowsWhatTheTeacherKnew() {
        try (Pair warm = new Pair(with(Alternative.WARM), TeacherSpec.Moment.AFTER)) {
            warm.run(0, CHANGE + 2, 2);
            warm.run(CHANGE + 2, CHANGE + 60, 0);
            assertThat(warm.teacherReaction.takeovers())
                    .as("without the old concept in its memory it learns the new one sooner")
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Alternative.class)
    void state_atAnyMoment_goesOnBitForBit(Alternative alternative) {
        ReactionSpec spec = new ReactionSpec(2, 10, 0.5, alternative, 2, 60);
        for (TeacherSpec.Moment moment : List.of(TeacherSpec.Moment.BEFORE, TeacherSpec.Moment.AFTER)) {
            try (Pair whole = new Pair(spec, moment)) {
                whole.run(0, CHANGE + 2, 1);
                whole.run(CHANGE + 2, CHANGE + 6, 2);
                whole.run(CHANGE + 6, CHANGE + 9, 0);
                byte[] state = whole.state();
                try (Pair resumed = new Pair(spec, moment, state)) {
                    assertThat(resumed.state()).isEqualTo(state);
                    whole.run(CHANGE + 9, CHANGE + 80, 0);
                    resumed.run(CHANGE + 9, CHANGE + 80, 0);
                    assertThat(resumed.state()).isEqualTo(whole.state());
                }
                assertThat(whole.teacherReaction.takeovers()).isEqualTo(alternative == Alternative.NONE ? 0 : 1);
            }
        }
    }

    @Test
    void spec_badValue_isNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReactionSpec(0, 1, 1, Alternative.NONE, 1, 1))
                .withMessage("rateFactor: 0.0 found, must be above 0 and finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReactionSpec(1, 1, 1.5, Alternative.NONE, 1, 1))
                .withMessage("keptMemory: 1.5 found, must be in [0, 1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ReactionSpec(1, 1, 1, Alternative.NONE, 1, 0))
                .withMessage("trialBatches: 0 found, must be at least 1");
    }
}
