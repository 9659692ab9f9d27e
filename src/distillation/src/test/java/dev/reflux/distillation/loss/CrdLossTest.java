package dev.reflux.distillation.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.network.FeatureLayer;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CrdLossTest {

    private static final LossType TYPE = CrdLoss.TYPE;

    private static CrdLoss create(Map<String, Object> options, LossBatch batch) {
        return (CrdLoss) LossCheck.create(TYPE, options, batch);
    }

    /** Two values in, two out, unchanged but for their length; the maps stay as they are. */
    private static CrdLoss identity(int queue) {
        LossBatch batch = event(0, 1, 0, 1, 0);
        CrdLoss loss = create(Map.of("dimension", 2, "queue", queue, "temperature", 0.5, "learningRate", 1e-12), batch);
        for (LinearHead map : new LinearHead[] {loss.studentMap(), loss.teacherMap()}) {
            System.arraycopy(new double[] {1, 0, 0, 1, 0, 0}, 0, map.weights(), 0, 6);
        }
        return loss;
    }

    private static LossBatch event(int label, float student1, float student2, float teacher1, float teacher2) {
        LossBatch batch = LossBatch.ofFeatures(1, new float[] {student1, student2}, new float[] {teacher1, teacher2});
        batch.labels[0] = label;
        return batch;
    }

    private static double learn(Loss loss, LossBatch batch) {
        return loss.addGradient(batch.input(), 1, batch.zeros());
    }

    @Test
    void knownEmbeddings_giveTheLossByHand() {
        CrdLoss loss = identity(8);
        assertThat(learn(loss, event(0, 1, 0, 3, 0))).as("no negatives yet").isZero();
        // The positive lies at a right angle, the one negative at none: 0 and 1 over the temperature 1/2.
        LossBatch batch = event(1, 2, 0, 0, 1);
        Outputs gradient = batch.zeros();
        double share = Math.exp(2) / (1 + Math.exp(2));
        assertThat(loss.addGradient(batch.input(), 1, gradient)).isCloseTo(Math.log(1 + Math.exp(2)), within(1e-9));
        // 2 (share (1, 0) - share (0, 1)) without its part along (1, 0), over the length 2.
        assertThat(gradient.features(0)).containsExactly(new float[] {0, (float) -share}, within(1e-6f));
    }

    @Test
    void embeddingsOfTheEventsOwnClass_areNoNegatives() {
        CrdLoss loss = identity(8);
        learn(loss, event(1, 1, 0, 1, 0));
        assertThat(learn(loss, event(1, 1, 0, 0, 1))).isZero();
        assertThat(learn(loss, event(0, 1, 0, 0, 1))).isPositive();

        LossBatch unlabelled = event(-1, 1, 0, 0, 1);
        unlabelled.teacherLogits[0] = 1;
        CrdLoss other = identity(8);
        learn(other, event(0, 1, 0, 1, 0));
        assertThat(learn(other, unlabelled)).as("of the teacher's first choice").isZero();
        unlabelled.teacherLogits[2] = 2;
        assertThat(learn(other, unlabelled)).isPositive();
    }

    @Test
    void queue_forgetsTheOldestFirst() {
        CrdLoss loss = identity(2);
        learn(loss, event(0, 1, 0, 1, 0));
        learn(loss, event(1, 1, 0, -1, 0));
        learn(loss, event(1, 1, 0, -1, 0));
        // The embedding of class 0 is gone, those of class 1 are there.
        LossBatch next = event(1, 1, 0, 1, 0);
        assertThat(LossCheck.copy(loss, TYPE, options(2), next).addGradient(next.input(), 1, next.zeros()))
                .isZero();
        assertThat(learn(loss, event(2, 1, 0, 1, 0))).isCloseTo(Math.log(1 + 2 * Math.exp(-4)), within(1e-9));
    }

    private static Map<String, Object> options(int queue) {
        return Map.of("dimension", 2, "queue", queue, "temperature", 0.5, "learningRate", 1e-12);
    }

    @Test
    void rowsOfAStep_areNotEachOthersNegatives() {
        CrdLoss loss = identity(8);
        LossBatch both = LossBatch.ofFeatures(2, new float[] {1, 0, 1, 0}, new float[] {1, 0, -1, 0});
        both.labels[0] = 0;
        both.labels[1] = 1;
        assertThat(learn(loss, both)).isZero();
        // Each now finds the other: angles of 0 and 180 degrees.
        assertThat(learn(loss, both))
                .isCloseTo((Math.log(1 + Math.exp(-4)) + Math.log(1 + Math.exp(4))) / 2, within(1e-9));
    }

    @Test
    void scaleOfEitherLayer_changesNothingWithoutABias() {
        CrdLoss loss = identity(8);
        learn(loss, event(0, 1, 2, 3, 1));
        LossBatch once = event(1, 1, 2, 3, -1);
        LossBatch scaled = event(1, 5, 10, 0.3f, -0.1f);
        double value = LossCheck.copy(loss, TYPE, options(8), once).addGradient(once.input(), 1, once.zeros());
        assertThat(learn(loss, scaled)).isCloseTo(value, within(1e-6));
    }

    @Test
    void stepsOfBothMaps_areAlongTheirNumericalGradients() {
        LossBatch batch = LossBatch.random(5, 1);
        CrdLoss loss = create(Map.of("learningRate", 0.01), batch);
        for (int step = 0; step < 3; step++) {
            learn(loss, LossBatch.random(6, 10 + step));
        }
        byte[] state = LossCheck.state(loss);
        double[] student = loss.studentMap().weights().clone();
        double[] teacher = loss.teacherMap().weights().clone();
        learn(loss, batch);
        assertStep(
                student,
                loss.studentMap().weights(),
                i -> valueAt(state, batch, i, 1e-5, true),
                i -> valueAt(state, batch, i, -1e-5, true));
        assertStep(
                teacher,
                loss.teacherMap().weights(),
                i -> valueAt(state, batch, i, 1e-5, false),
                i -> valueAt(state, batch, i, -1e-5, false));
    }

    private static void assertStep(
            double[] before,
            double[] after,
            java.util.function.IntToDoubleFunction above,
            java.util.function.IntToDoubleFunction below) {
        double[] found = new double[before.length];
        double[] expected = new double[before.length];
        for (int i = 0; i < before.length; i++) {
            found[i] = (before[i] - after[i]) / 0.01;
            expected[i] = (above.applyAsDouble(i) - below.applyAsDouble(i)) / 2e-5;
        }
        assertThat(LossCheck.assertClose(found, expected)).isGreaterThan(0.1);
    }

    private static double valueAt(byte[] state, LossBatch batch, int i, double change, boolean ofStudent) {
        CrdLoss loss = create(Map.of("learningRate", 0.01), batch);
        loss.read(new StateReader(state));
        (ofStudent ? loss.studentMap() : loss.teacherMap()).weights()[i] += change;
        return learn(loss, batch);
    }

    @Test
    void flatLayersAndLogits_haveTheirNumericalGradients() {
        LossBatch batch = LossBatch.random(4, 2, FeatureLayer.flat("hidden-1", 3), FeatureLayer.flat("hidden-2", 5));
        for (Map<String, Object> options : java.util.List.<Map<String, Object>>of(
                Map.of("dimension", 7, "queue", 5, "temperature", 0.3),
                Map.of("student", "logits", "teacher", "logits"))) {
            Loss loss = create(options, batch);
            learn(loss, LossBatch.random(6, 3, batch.studentLayer, batch.teacherLayer));
            LossCheck.assertGradient(loss, TYPE, options, batch);
        }
    }

    @Test
    void layersOfZeros_addNothingAndStayFinite() {
        CrdLoss loss = identity(8);
        learn(loss, event(0, 1, 0, 1, 0));
        byte[] before = LossCheck.state(loss);
        LossBatch silentTeacher = event(1, 1, 0, 0, 0);
        assertThat(learn(loss, silentTeacher)).isZero();
        assertThat(LossCheck.state(loss)).as("nothing joined the queue").isEqualTo(before);

        LossBatch silentStudent = event(1, 0, 0, 1, 0);
        Outputs gradient = silentStudent.zeros();
        assertThat(loss.addGradient(silentStudent.input(), 1, gradient)).isZero();
        assertThat(gradient.features(0)).containsOnly(0);
        assertThat(LossCheck.state(loss)).isNotEqualTo(before);
    }

    @Test
    void stateOfAnotherQueue_isRefusedUnlessItFits() {
        CrdLoss part = identity(8);
        learn(part, event(0, 1, 0, 1, 0));
        byte[] state = LossCheck.state(part);
        CrdLoss larger = identity(9);
        larger.read(new StateReader(state));
        assertThat(LossCheck.state(larger)).isEqualTo(state);

        CrdLoss full = identity(2);
        for (int i = 0; i < 3; i++) {
            learn(full, event(i, 1, 0, 1, 0));
        }
        assertThatThrownBy(() -> identity(3).read(new StateReader(LossCheck.state(full))))
                .isInstanceOf(StateException.class)
                .hasMessage("losses.crd.queue: 2 embeddings found in the state, the pipeline asks for a queue of 3;"
                        + " restore the size, or start from new state");
        assertThatThrownBy(() -> identity(1).read(new StateReader(LossCheck.state(full))))
                .isInstanceOf(StateException.class);
    }

    @Test
    void maps_areDrawnApart() {
        LossBatch batch = LossBatch.random(1, 1, FeatureLayer.flat("hidden-1", 3), FeatureLayer.flat("hidden-1", 3));
        CrdLoss loss = create(Map.of(), batch);
        assertThat(Arrays.equals(loss.studentMap().weights(), loss.teacherMap().weights()))
                .isFalse();
    }
}
