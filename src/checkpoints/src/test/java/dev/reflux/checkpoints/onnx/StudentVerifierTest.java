package dev.reflux.checkpoints.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.Manifest.Verification;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StudentVerifierTest {

    private final byte[] model = Students.linear(4);
    private final List<Map<String, Object>> rows = Students.rows(50, 4);
    private final RawBatch batch = RawBatch.of(Students.COLUMNS, rows);
    private final float[] live = Students.linearInJava(4, rows);

    @Test
    void againstProbabilities_sameStudent_passes() {
        Verification verification = StudentVerifier.againstProbabilities(model, batch, live);

        assertThat(verification.rows()).isEqualTo(50);
        assertThat(verification.maxDifference()).isBetween(1e-12, 2e-6);
        assertThat(verification.passed()).isTrue();
    }

    @Test
    void againstProbabilities_oneValueOff_isTheDifference() {
        live[77] += 0.01f;

        Verification verification = StudentVerifier.againstProbabilities(model, batch, live);

        assertThat(verification.maxDifference()).isCloseTo(0.01, within(2e-6));
        assertThat(verification.passed()).isFalse();
    }

    @Test
    void againstProbabilities_liveIsNaN_doesNotPass() {
        live[3] = Float.NaN;

        assertThat(StudentVerifier.againstProbabilities(model, batch, live).passed())
                .isFalse();
    }

    @Test
    void againstLogits_areSoftmaxedFirst() {
        try (OnnxStudent student = new OnnxStudent(model)) {
            float[] logits = student.logits(batch);
            assertThat(StudentVerifier.againstLogits(model, batch, logits).maxDifference())
                    .isLessThan(1e-6);
            logits[0] += 1;
            assertThat(StudentVerifier.againstLogits(model, batch, logits).passed())
                    .isFalse();
        }
    }

    @Test
    void againstLogits_large_doNotOverflow() {
        OnnxModelBuilder builder = new OnnxModelBuilder(List.of(new Numeric("a"), new Numeric("b")));
        byte[] plain = builder.finish(builder.numeric(), List.of("x", "y"), Map.of());
        float[] large = {1000, 999, -2000, 3000};

        assertThat(StudentVerifier.againstLogits(plain, new RawBatch(2, large, List.of(), List.of(), List.of()), large)
                        .maxDifference())
                .isLessThan(1e-6);
    }

    @Test
    void againstProbabilities_noRows_doesNotPass() {
        assertThat(StudentVerifier.againstProbabilities(model, RawBatch.of(Students.COLUMNS, List.of()), new float[0])
                        .passed())
                .isFalse();
    }

    @Test
    void againstProbabilities_otherShape_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StudentVerifier.againstProbabilities(model, batch, new float[149]))
                .withMessageContaining("149 values for 50 rows, the exported one 150");
    }

    @Test
    void againstProbabilities_brokenModel_isBadModel() {
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> StudentVerifier.againstProbabilities(new byte[9], batch, live))
                .withMessageContaining("does not take the model");
    }
}
