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
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Teachers and students that see different features of an event, when those of one of them are missing. */
class MissingFeaturesTest {

    private static final int CLASSES = 2;
    private static final int ROWS = 20;
    private static final InputLayout LAYOUT =
            new InputLayout(3, List.of(4), List.of(10), List.of(List.of(2), List.of(3)));
    private static final InputSelection TEXT = new InputSelection(LAYOUT, List.of(), List.of(), List.of(0), List.of());
    private static final InputSelection NUMBERS =
            new InputSelection(LAYOUT, List.of(0, 2), List.of(), List.of(), List.of());
    private static final ModelSpec MLP =
            new ModelSpec(MlpSpec.of(8), new OptimizerSpec.Sgd(0.05, 0, 0), EngineChoice.FUSED, 4);

    /** The words of every fourth event are missing, and the numbers of every fifth. */
    private static Examples batch(long number, double labelShare) {
        SplittableRandom random = new SplittableRandom(number);
        float[] numeric = new float[ROWS * 3];
        int[] offsets = new int[ROWS + 1];
        List<Integer> tokens = new ArrayList<>();
        int[] truth = new int[ROWS];
        int[] labels = new int[ROWS];
        for (int row = 0; row < ROWS; row++) {
            truth[row] = random.nextInt(CLASSES);
            for (int i = 0; i < 3; i++) {
                numeric[row * 3 + i] = row % 5 == 3 && i != 1
                        ? Float.NaN
                        : (float) (2 * random.nextDouble() + truth[row] * 1.2 * (i == 0 ? 1 : -1));
            }
            if (row % 4 != 2) {
                tokens.add(truth[row] * 5 + random.nextInt(5));
                tokens.add(random.nextInt(10));
            }
            offsets[row + 1] = tokens.size();
            labels[row] = random.nextDouble() < labelShare ? truth[row] : Examples.UNLABELLED;
        }
        float[] tensors = new float[ROWS * 5];
        Arrays.fill(tensors, Float.NaN);
        int[] categories = new int[ROWS];
        Arrays.fill(categories, -1);
        return new Examples(
                LAYOUT,
                ROWS,
                FloatBuffer.wrap(numeric),
                IntBuffer.wrap(categories),
                IntBuffer.wrap(offsets),
                IntBuffer.wrap(tokens.stream().mapToInt(Integer::intValue).toArray()),
                FloatBuffer.wrap(tensors),
                IntBuffer.wrap(labels),
                IntBuffer.wrap(truth));
    }

    private static Teacher teacher(
            TeacherSpec.Moment moment,
            List<InputSelection> members,
            Combination.Kind kind,
            AdversarialSpec moves,
            String policy) {
        List<Model> models = new ArrayList<>();
        for (InputSelection inputs : members) {
            models.add(Model.create(MLP, inputs, CLASSES, 1 + models.size()));
        }
        TeacherSpec spec = new TeacherSpec(
                        moment, List.of(new MemberSpec(LearningSpec.steps(4), 0)), kind, moves, 500, 0)
                .withMembers(members.size());
        return new Teacher(spec, models, CLASSES, FeedbackPolicies.create(policy, 0.3, CLASSES), 5);
    }

    private static Student student(InputSelection inputs, AdversarialSpec adversarial, LossSpec... losses) {
        LearningSpec learning = new LearningSpec(4, 1, 0, new ReplaySpec(40, 0.5, ReplaySpec.Policy.RESERVOIR, 0));
        StudentSpec spec = new StudentSpec(
                "small", List.of(losses), null, learning, adversarial, List.of(Way.DISTILLED), false, true, 500, 0);
        return new Student(spec, () -> Model.create(MLP, inputs, CLASSES, 9), LossShapes.ofLogits(CLASSES));
    }

    private static LossSpec loss(String name, double weight) {
        return new LossSpec(name, weight, Map.of());
    }

    private static Examples one(float[] numeric, int category, int[] tokens, float[] tensors) {
        return new Examples(
                LAYOUT,
                1,
                FloatBuffer.wrap(numeric),
                IntBuffer.wrap(new int[] {category}),
                IntBuffer.wrap(new int[] {0, tokens.length}),
                IntBuffer.wrap(tokens),
                FloatBuffer.wrap(tensors),
                IntBuffer.wrap(new int[1]),
                IntBuffer.wrap(new int[1]));
    }

    @Test
    void sees_whatIsThereOfTheSelectedColumns() {
        float none = Float.NaN;
        float[] noNumbers = {none, none, none};
        float[] noTensors = {none, none, none, none, none};
        int[] noWords = {};
        InputSelection all = InputSelection.all(LAYOUT);
        InputSelection second = new InputSelection(LAYOUT, List.of(1), List.of(), List.of(), List.of(1));
        InputSelection category = new InputSelection(LAYOUT, List.of(), List.of(0), List.of(), List.of());

        Examples nothing = one(noNumbers, -1, noWords, noTensors);
        assertThat(all.sees(nothing, 0)).isFalse();
        Examples number = one(new float[] {none, 0, none}, -1, noWords, noTensors);
        assertThat(all.sees(number, 0)).isTrue();
        assertThat(second.sees(number, 0)).isTrue();
        assertThat(NUMBERS.sees(number, 0)).isFalse();
        Examples code = one(noNumbers, 0, noWords, noTensors);
        assertThat(category.sees(code, 0)).isTrue();
        assertThat(TEXT.sees(code, 0)).isFalse();
        Examples words = one(noNumbers, -1, new int[] {7}, noTensors);
        assertThat(TEXT.sees(words, 0)).isTrue();
        assertThat(category.sees(words, 0)).isFalse();
        Examples firstTensor = one(noNumbers, -1, noWords, new float[] {1, 2, none, none, none});
        assertThat(all.sees(firstTensor, 0)).isTrue();
        assertThat(second.sees(firstTensor, 0)).isFalse();
        assertThat(second.sees(one(noNumbers, -1, noWords, new float[] {none, none, 1, 2, 3}), 0))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(TeacherSpec.Moment.class)
    void teacher_saysNothingOfWhatItSeesNothingOf(TeacherSpec.Moment moment) {
        try (Teacher teacher = teacher(moment, List.of(TEXT), Combination.Kind.MEAN, AdversarialSpec.NONE, "none")) {
            Lesson lesson = teacher.teach(0, batch(0, 1));
            for (int row = 0; row < ROWS; row++) {
                assertThat(lesson.teaches(row)).as("row %d", row).isEqualTo(row % 4 != 2);
                assertThat(Float.isNaN(lesson.predicted()[row * CLASSES])).isEqualTo(row % 4 == 2);
            }
            assertThat(teacher.quality().events())
                    .as("of which it can be right or wrong")
                    .isEqualTo(15);
        }
    }

    @ParameterizedTest
    @EnumSource(Combination.Kind.class)
    void committee_isThoseWhoSeeSomething(Combination.Kind kind) {
        try (Teacher teacher =
                        teacher(TeacherSpec.Moment.AFTER, List.of(TEXT, NUMBERS), kind, AdversarialSpec.NONE, "none");
                Student student = student(InputSelection.all(LAYOUT), AdversarialSpec.NONE, loss("kd", 1))) {
            for (int number = 0; number < 150; number++) {
                Examples examples = batch(number, 1);
                Lesson lesson = teacher.teach(number, examples);
                teacher.learn(examples, List.of(student.study(lesson, examples)));
            }
            Lesson lesson = teacher.teach(150, batch(150, 0));
            for (int row = 0; row < ROWS; row++) {
                assertThat(lesson.teaches(row)).as("row %d", row).isEqualTo(row % 20 != 18);
            }
            assertThat(teacher.quality().recent().accuracy()).isGreaterThan(0.75);
            assertThat(student.quality().recent().accuracy()).isGreaterThan(0.75);
        }
    }

    /** Without a single label of its own, with everything that looks at what the teacher says. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "mutual", "error-signal", "meta"})
    void student_ofOtherFeatures_learnsFromTheEventsThatBothSee(String policy) {
        for (AdversarialSpec.HardFor hardFor : AdversarialSpec.HardFor.values()) {
            AdversarialSpec moves = new AdversarialSpec(0.1, 2, 0, hardFor, AdversarialSpec.Loss.ARD, 0.2);
            AdversarialSpec sent = hardFor == AdversarialSpec.HardFor.TEACHER ? moves : AdversarialSpec.NONE;
            try (Teacher teacher =
                            teacher(TeacherSpec.Moment.AFTER, List.of(TEXT), Combination.Kind.MEAN, sent, policy);
                    Student student = student(NUMBERS, moves, loss("label", 0.2), loss("kd", 1))) {
                for (int number = 0; number < 200; number++) {
                    Examples examples = batch(number, 0.2);
                    Lesson lesson = teacher.teach(number, examples);
                    teacher.learn(examples, List.of(student.study(lesson, examples)));
                }
                assertThat(teacher.models().get(0).restarts()).isZero();
                assertThat(student.model().restarts()).isZero();
                assertThat(teacher.quality().recent().accuracy()).isGreaterThan(0.7);
                assertThat(student.quality().recent().accuracy()).isGreaterThan(0.75);
            }
        }
    }
}
