package dev.reflux.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.engine.EngineChoice;
import dev.reflux.distillation.engine.Model;
import dev.reflux.distillation.engine.ModelSpec;
import dev.reflux.distillation.engine.OptimizerSpec;
import dev.reflux.distillation.feedback.FeedbackPolicies;
import dev.reflux.distillation.loss.LossShapes;
import dev.reflux.distillation.loss.LossSpec;
import dev.reflux.distillation.network.MlpSpec;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TeacherAndStudentTest {

    private static final int CLASSES = 2;
    private static final int ROWS = 32;
    private static final InputLayout LAYOUT = InputLayout.ofNumeric(2);
    private static final ModelSpec LARGE =
            new ModelSpec(MlpSpec.of(24, 24), new OptimizerSpec.Sgd(0.1, 0, 0), EngineChoice.FUSED, 1);
    private static final ModelSpec SMALL =
            new ModelSpec(MlpSpec.of(12), new OptimizerSpec.Sgd(0.1, 0, 0), EngineChoice.FUSED, 1);
    private static final List<LossSpec> LABELS_ALONE = List.of(new LossSpec("label", 1, Map.of()));
    private static final List<LossSpec> BOTH =
            List.of(new LossSpec("label", 0.5, Map.of()), new LossSpec("kd", 0.5, Map.of("temperature", 1.0)));

    private static TeacherSpec teacherSpec(TeacherSpec.Moment moment) {
        return new TeacherSpec(moment, 1, 500, 100);
    }

    private static StudentSpec studentSpec(List<LossSpec> losses) {
        return new StudentSpec("small", losses, 1, true, 500, 100);
    }

    private static Teacher teacher(TeacherSpec.Moment moment, String policy) {
        return new Teacher(
                teacherSpec(moment),
                List.of(Model.create(LARGE, LAYOUT, CLASSES, 1)),
                CLASSES,
                FeedbackPolicies.create(policy, 0.2, CLASSES),
                1);
    }

    private static Student student(List<LossSpec> losses) {
        return new Student(
                studentSpec(losses), () -> Model.create(SMALL, LAYOUT, CLASSES, 2), LossShapes.ofLogits(CLASSES));
    }

    /** A batch of points of the square; the class is whether they lie in the circle. */
    private static Examples batch(long number, double labelShare) {
        SplittableRandom random = new SplittableRandom(number);
        float[] points = new float[ROWS * 2];
        int[] labels = new int[ROWS];
        int[] truth = new int[ROWS];
        for (int row = 0; row < ROWS; row++) {
            double x = random.nextDouble() * 2 - 1;
            double y = random.nextDouble() * 2 - 1;
            points[2 * row] = (float) x;
            points[2 * row + 1] = (float) y;
            truth[row] = x * x + y * y < 0.6 ? 1 : 0;
            labels[row] = random.nextDouble() < labelShare ? truth[row] : Examples.UNLABELLED;
        }
        Examples all = Examples.ofNumeric(points, truth);
        return new Examples(
                LAYOUT,
                ROWS,
                all.numeric(),
                all.categories(),
                all.tokenOffsets(),
                all.tokens(),
                all.tensors(),
                IntBuffer.wrap(labels),
                all.truth());
    }

    /** Lockstep. */
    private static void run(Teacher teacher, Student student, int from, int to, double labelShare) {
        for (int number = from; number < to; number++) {
            Examples examples = batch(number, labelShare);
            Lesson lesson = teacher.teach(number, examples);
            teacher.learn(examples, List.of(student.study(lesson, examples)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "mutual", "error-signal"})
    void teacherAndStudent_underEachPolicy_learnWhatNoLineDraws(String policy) {
        for (TeacherSpec.Moment moment : List.of(TeacherSpec.Moment.BEFORE, TeacherSpec.Moment.AFTER)) {
            try (Teacher teacher = teacher(moment, policy);
                    Student student = student(BOTH)) {
                run(teacher, student, 0, 400, 1);
                assertThat(teacher.quality().recent().accuracy()).isGreaterThan(0.9);
                assertThat(student.quality().recent().accuracy()).isGreaterThan(0.9);
                assertThat(student.agreement()).isBetween(0.8, 1.0);
                assertThat(student.seen()).isEqualTo(400 * ROWS);
                assertThat(student.steps()).isEqualTo(400 * ROWS);
                assertThat(student.quality().events()).isEqualTo(400 * ROWS);
            }
        }
    }

    @Test
    void student_withoutAnyLabel_learnsFromTheTeacherAlone() {
        try (Teacher teacher = teacher(TeacherSpec.Moment.AFTER, "none");
                Student pupil = student(BOTH);
                Student alone = student(LABELS_ALONE)) {
            for (int number = 0; number < 250; number++) {
                Lesson lesson = teacher.teach(number, batch(number, 1));
                Examples unlabelled = batch(number, 0);
                Feedback feedback = pupil.study(lesson, unlabelled);
                alone.study(lesson, unlabelled);
                assertThat(feedback.lossBefore()).isNaN();
                assertThat(feedback.lossAfter()).isNaN();
                assertThat(feedback.classError()).containsOnly(Float.NaN);
            }
            assertThat(pupil.quality().recent().accuracy()).isGreaterThan(0.88);
            assertThat(alone.quality().recent().accuracy()).isLessThan(0.75);
        }
    }

    @Test
    void quality_ofHiddenLabels_isMeasuredButNotLearned() {
        try (Teacher teacher = teacher(TeacherSpec.Moment.AFTER, "none");
                Student student = student(BOTH)) {
            String before = teacher.models().get(0).sha256();
            Examples hidden = batch(1, 0);
            teacher.models().get(0).observe(hidden, 0, ROWS);
            Lesson lesson = teacher.teach(0, hidden);
            student.study(lesson, hidden);
            assertThat(teacher.quality().events()).isEqualTo(ROWS);
            assertThat(student.quality().events()).isEqualTo(ROWS);
            assertThat(lesson.softLabels()).isEqualTo(lesson.predicted());
            assertThat(before).isNotEqualTo(teacher.models().get(0).sha256()); // statistics of the inputs moved
        }
    }

    @Test
    void hindsight_knowsTheLabelsThatThePredictionDidNot() {
        try (Teacher teacher = teacher(TeacherSpec.Moment.AFTER, "none")) {
            Examples examples = batch(3, 1);
            Lesson lesson = teacher.teach(0, examples);
            double predicted = 0;
            double taught = 0;
            for (int row = 0; row < ROWS; row++) {
                predicted += Logits.logLoss(
                        lesson.predicted(), row, CLASSES, examples.truth().get(row));
                taught += Logits.logLoss(
                        lesson.softLabels(), row, CLASSES, examples.truth().get(row));
            }
            assertThat(taught).isLessThan(predicted);
            assertThat(teacher.quality().total().logLoss()).isCloseTo(predicted / ROWS, within(1e-6));
        }
    }

    @Test
    void teachBefore_learnsNothingUntilTheFeedbacksTurn() {
        try (Teacher teacher = teacher(TeacherSpec.Moment.BEFORE, "none");
                Student student = student(BOTH)) {
            Examples examples = batch(3, 1);
            Lesson lesson = teacher.teach(0, examples);
            assertThat(lesson.softLabels()).isSameAs(lesson.predicted());
            String taught = teacher.models().get(0).sha256();
            teacher.learn(examples, List.of(student.study(lesson, examples)));
            assertThat(teacher.models().get(0).sha256()).isNotEqualTo(taught);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TeacherSpec.Moment.class,
            names = {"BEFORE", "AFTER"})
    void mutualFeedback_pullsTheTeachersNextOutputTowardsTheStudents(TeacherSpec.Moment moment) {
        Examples examples = batch(5, 0);
        float[] convinced = new float[ROWS * CLASSES];
        for (int row = 0; row < ROWS; row++) {
            convinced[row * CLASSES + 1] = 4;
        }
        Feedback feedback = new Feedback(0, "small", convinced, Double.NaN, Double.NaN, new float[CLASSES], 0);
        try (Teacher teacher = teacher(moment, "mutual")) {
            Lesson before = teacher.teach(0, examples);
            teacher.learn(examples, List.of(feedback));
            float[] after = new float[ROWS * CLASSES];
            teacher.models().get(0).predict(examples, 0, ROWS, after);
            for (int row = 0; row < ROWS; row++) {
                float leaned = before.predicted()[row * CLASSES + 1] - before.predicted()[row * CLASSES];
                float leans = after[row * CLASSES + 1] - after[row * CLASSES];
                assertThat(leans).isGreaterThan(leaned);
            }
        }
    }

    @Test
    void frozenTeacher_changesInNothing() {
        try (Teacher teacher = teacher(TeacherSpec.Moment.FROZEN, "mutual");
                Student student = student(BOTH)) {
            String before = teacher.models().get(0).sha256();
            run(teacher, student, 0, 5, 1);
            assertThat(teacher.models().get(0).sha256()).isEqualTo(before);
            assertThat(teacher.quality().events()).isEqualTo(5 * ROWS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "mutual", "error-signal", "meta"})
    void savedAndRead_goOnBitForBit(String policy) {
        try (Teacher teacher = teacher(TeacherSpec.Moment.AFTER, policy);
                Student student = student(BOTH)) {
            run(teacher, student, 0, 20, 0.7);
            StateWriter state = new StateWriter();
            teacher.write(state);
            student.write(state);
            StateReader in = new StateReader(state.toBytes());
            try (Teacher teacherRead = Teacher.read(
                            teacherSpec(TeacherSpec.Moment.AFTER),
                            List.of(own -> Model.read(LARGE, LAYOUT, CLASSES, own)),
                            CLASSES,
                            FeedbackPolicies.create(policy, 0.2, CLASSES),
                            1,
                            in);
                    Student studentRead = Student.read(
                            studentSpec(BOTH), SMALL, InputSelection.all(LAYOUT), LossShapes.ofLogits(CLASSES), in)) {
                run(teacher, student, 20, 40, 0.7);
                run(teacherRead, studentRead, 20, 40, 0.7);
                StateWriter whole = new StateWriter();
                teacher.write(whole);
                student.write(whole);
                StateWriter resumed = new StateWriter();
                teacherRead.write(resumed);
                studentRead.write(resumed);
                assertThat(Arrays.equals(resumed.toBytes(), whole.toBytes())).isTrue();
            }
        }
    }
}
