package dev.reflux.distillation.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.Outputs;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;

class EventTeacherTest {

    private static final float NAN = Float.NaN;

    @Test
    void predict_probabilitiesOfTheEvents_areTheirLogarithms() {
        Examples examples = examples(3, 0.25f, 0.75f, NAN, NAN, 1, 0);
        Outputs outputs = Outputs.ofLogits(new float[6], 2);
        try (EventTeacher teacher = new EventTeacher()) {
            teacher.predict(examples, 0, 1, outputs);
            assertThat(outputs.logits()).containsExactly((float) Math.log(0.25), (float) Math.log(0.75), 0, 0, 0, 0);
            teacher.predict(examples, 1, 3, outputs);
            assertThat(outputs.logits())
                    .containsExactly((float) Math.log(0.25), (float) Math.log(0.75), NAN, NAN, 0, (float)
                            Math.log(Answer.LEAST_PROBABILITY));
            assertThat(teacher.parameterCount()).isZero();
        }
    }

    @Test
    void predict_examplesWithoutATeacher_areRefused() {
        try (EventTeacher teacher = new EventTeacher()) {
            assertThatThrownBy(() -> teacher.predict(examples(2), 0, 2, Outputs.ofLogits(new float[4], 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("0 probabilities of an external teacher found for 2 examples of 2 classes");
            assertThatThrownBy(() -> teacher.predict(
                            examples(2, 0.5f, 0.5f, 0.5f, 0.5f), 0, 2, Outputs.ofLogits(new float[6], 3)))
                    .hasMessageContaining("4 probabilities of an external teacher found for 2 examples of 3 classes");
        }
    }

    @Test
    void examples_teacherOfAnotherSize_isRefused() {
        assertThatThrownBy(() -> examples(2, 0.5f, 0.5f, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 probabilities found for 2 examples");
    }

    private static Examples examples(int size, float... teacher) {
        return new Examples(
                InputLayout.ofNumeric(1),
                size,
                FloatBuffer.allocate(size),
                IntBuffer.allocate(0),
                IntBuffer.allocate(1),
                IntBuffer.allocate(0),
                FloatBuffer.allocate(0),
                IntBuffer.allocate(size),
                IntBuffer.allocate(size),
                FloatBuffer.wrap(teacher));
    }
}
