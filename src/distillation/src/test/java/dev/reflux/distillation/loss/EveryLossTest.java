package dev.reflux.distillation.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.Outputs;
import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds for every loss of the register, with its default options: a new loss is held to all of this by its line in
 * {@link Losses} alone.
 */
class EveryLossTest {

    private static final Map<String, Object> DEFAULTS = Map.of();

    static List<LossType> types() {
        return Losses.types();
    }

    private static Loss create(LossType type) {
        return LossCheck.create(type, DEFAULTS, LossBatch.random(1, 0));
    }

    /** A loss that has seen some steps, so that what it learns or remembers is not what it started with. */
    private static Loss warm(LossType type) {
        Loss loss = create(type);
        for (int step = 0; step < 3; step++) {
            LossBatch batch = LossBatch.random(6, 100 + step);
            loss.addGradient(batch.input(), 1, batch.zeros());
        }
        return loss;
    }

    private static Loss copy(Loss loss, LossType type) {
        return LossCheck.copy(loss, type, DEFAULTS, LossBatch.random(1, 0));
    }

    private static int[] rows(int from, int to) {
        return IntStream.range(from, to).toArray();
    }

    @ParameterizedTest
    @MethodSource("types")
    void readme_saysWhatItIsAndWhenNotToUseIt(LossType type) throws IOException {
        List<String> row = Files.readAllLines(Path.of("README.md")).stream()
                .filter(line -> line.startsWith("| `" + type.name() + "` |"))
                .toList();

        assertThat(row).as("rows of the README's table for '%s'", type.name()).hasSize(1);
        List<String> cells = Arrays.stream(row.get(0).split(" \\|"))
                .map(cell -> cell.replaceFirst("^\\|", "").strip())
                .toList();
        assertThat(cells).as("name, formula, paper, when, when not").hasSize(5);
        assertThat(cells.subList(1, 5)).noneMatch(String::isEmpty);
        assertThat(cells.get(4)).as("when not").hasSizeGreaterThan(20);
    }

    @ParameterizedTest
    @MethodSource("types")
    void options_haveDefaultsWithinTheirRangesAndRefuseWhatIsOutside(LossType type) {
        assertThat(create(type)).isNotNull();
        for (LossOption option : type.options()) {
            assertThat(option.description()).isNotBlank().doesNotEndWith(".");
            if (option.kind() == LossOption.Kind.NUMBER) {
                assertThat(option.allows(Double.parseDouble(option.defaultValue())))
                        .isTrue();
                assertThatThrownBy(() -> LossCheck.create(type, Map.of(option.name(), -1.0), LossBatch.random(1, 0)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(
                                "losses.%s.%s: -1.0 found, must be in %s", type.name(), option.name(), option.range());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void gradient_isThatOfItsNumericalDifferences(LossType type) {
        for (int seed = 0; seed < 3; seed++) {
            LossCheck.assertGradient(warm(type), type, DEFAULTS, LossBatch.random(6, seed));
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void gradient_isAddedTimesTheWeight(LossType type) {
        Loss loss = warm(type);
        LossBatch batch = LossBatch.random(6, 1);
        Outputs once = batch.zeros();
        Outputs twice = batch.zeros();
        double value = copy(loss, type).addGradient(batch.input(), 1, once);
        Loss weighted = copy(loss, type);
        assertThat(weighted.addGradient(batch.input(), 1.5, twice)).isEqualTo(value);
        copy(loss, type).addGradient(batch.input(), 0.5, twice);

        assertThat(twice.logits()).containsExactly(times(2, once.logits()), within(1e-6f));
        assertThat(twice.features(0)).containsExactly(times(2, once.features(0)), within(1e-5f));
    }

    private static float[] times(float factor, float[] values) {
        float[] result = values.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] *= factor;
        }
        return result;
    }

    @ParameterizedTest
    @MethodSource("types")
    void rowsThatTheTeacherSaysNothingOf_areAsIfTheyWereNotThere(LossType type) {
        Loss loss = warm(type);
        LossBatch batch = LossBatch.random(8, 2);
        batch.silence(1);
        batch.silence(6);
        int[] taught = {0, 2, 3, 4, 5, 7};
        Outputs gradient = batch.zeros();
        Outputs expected = batch.only(taught).zeros();
        Loss whole = copy(loss, type);
        Loss part = copy(loss, type);

        assertThat(whole.addGradient(batch.input(), 1, gradient))
                .isEqualTo(part.addGradient(batch.only(taught).input(), 1, expected));
        assertRows(gradient, batch, taught, expected);
        assertThat(LossCheck.state(whole)).isEqualTo(LossCheck.state(part));
    }

    @ParameterizedTest
    @MethodSource("types")
    void rowsOfWhichNothingIsTaught_addNothing(LossType type) {
        Loss loss = warm(type);
        LossBatch batch = LossBatch.random(4, 2);
        for (int row = 0; row < 4; row++) {
            batch.silence(row);
        }
        byte[] before = LossCheck.state(loss);
        Outputs gradient = batch.zeros();

        assertThat(loss.addGradient(batch.input(), 1, gradient)).isZero();
        assertThat(gradient.logits()).containsOnly(0);
        assertThat(gradient.features(0)).containsOnly(0);
        assertThat(LossCheck.state(loss)).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("types")
    void group_seesAndTouchesItsOwnRowsAlone(LossType type) {
        Loss loss = warm(type);
        LossBatch batch = LossBatch.random(9, 3);
        int[] group = rows(2, 8);
        Outputs gradient = batch.zeros();
        Outputs expected = batch.only(group).zeros();

        assertThat(copy(loss, type).addGradient(batch.input(2, 8), 1, gradient))
                .isEqualTo(copy(loss, type).addGradient(batch.only(group).input(), 1, expected));
        assertRows(gradient, batch, group, expected);
    }

    /** The gradient of these rows is as expected, and that of all others zero. */
    private static void assertRows(Outputs gradient, LossBatch batch, int[] rows, Outputs expected) {
        float[] logits = new float[gradient.logits().length];
        float[] features = new float[gradient.features(0).length];
        int width = batch.studentLayer.width();
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(expected.logits(), i * batch.classes, logits, rows[i] * batch.classes, batch.classes);
            System.arraycopy(expected.features(0), i * width, features, rows[i] * width, width);
        }
        assertThat(gradient.logits()).isEqualTo(logits);
        assertThat(gradient.features(0)).isEqualTo(features);
    }

    @ParameterizedTest
    @MethodSource("types")
    void fewerRowsThanItNeeds_addNothing(LossType type) {
        for (int rows = 1; rows < type.leastRows(); rows++) {
            LossBatch batch = LossBatch.random(rows, 4);
            Outputs gradient = batch.zeros();
            assertThat(warm(type).addGradient(batch.input(), 1, gradient)).isZero();
            assertThat(gradient.features(0)).containsOnly(0);
        }
        LossBatch enough = LossBatch.random(type.leastRows(), 4);
        Outputs gradient = enough.zeros();
        assertThat(warm(type).addGradient(enough.input(), 1, gradient)).isGreaterThan(1e-3);
    }

    @ParameterizedTest
    @MethodSource("types")
    void saved_goesOnBitForBit(LossType type) {
        Loss undisturbed = warm(type);
        Loss restored = copy(undisturbed, type);
        for (int step = 0; step < 5; step++) {
            LossBatch batch = LossBatch.random(6, 200 + step);
            Outputs expected = batch.zeros();
            Outputs found = batch.zeros();
            assertThat(restored.addGradient(batch.input(), 1, found))
                    .isEqualTo(undisturbed.addGradient(batch.input(), 1, expected));
            assertThat(found.logits()).isEqualTo(expected.logits());
            assertThat(found.features(0)).isEqualTo(expected.features(0));
        }
        assertThat(LossCheck.state(restored)).isEqualTo(LossCheck.state(undisturbed));
    }

    @ParameterizedTest
    @MethodSource("types")
    void stateOfANewerVersion_isRefused(LossType type) {
        byte[] state = LossCheck.state(warm(type));
        if (state.length == 0) {
            assertThat(LossCheck.state(create(type))).isEmpty();
            return;
        }
        int version = Short.BYTES + ByteBuffer.wrap(state).getShort();
        ByteBuffer.wrap(state).putInt(version, ByteBuffer.wrap(state).getInt(version) + 1);
        assertThatThrownBy(() -> create(type).read(new StateReader(state)))
                .isInstanceOf(StateException.class)
                .hasMessageContaining(
                        "state section 'loss-" + type.name() + "': version 2 found, this build reads up to 1");
    }

    @ParameterizedTest
    @MethodSource("types")
    void state_throughTheSumOfLosses_goesOnBitForBit(LossType type) {
        LossBatch batch = LossBatch.random(6, 5);
        List<LossSpec> specs = List.of(
                new LossSpec("kd", 0.5, Map.of()),
                new LossSpec("label", 0.5, Map.of()),
                new LossSpec(type.name(), 1, Map.of()));
        Losses losses = new Losses(specs, batch.shapes());
        losses.addGradient(batch.input(), batch.zeros());
        StateWriter state = new StateWriter();
        losses.write(state);
        Losses restored = new Losses(specs, batch.shapes());
        restored.read(new StateReader(state.toBytes()));
        StateWriter again = new StateWriter();
        restored.write(again);

        assertThat(again.toBytes()).isEqualTo(state.toBytes());
        assertThat(restored.addGradient(batch.input(), batch.zeros()))
                .isEqualTo(losses.addGradient(batch.input(), batch.zeros()));
    }

    @ParameterizedTest
    @MethodSource("types")
    void descent_alongItsGradient_lowersIt(LossType type) {
        Loss loss = warm(type);
        LossBatch batch = LossBatch.random(6, 6);
        double first = copy(loss, type).addGradient(batch.input(), 1, batch.zeros());
        for (int step = 0; step < 300; step++) {
            Outputs gradient = batch.zeros();
            loss.addGradient(batch.input(), 1, gradient);
            for (int i = 0; i < batch.logits.length; i++) {
                batch.logits[i] -= 0.5f * gradient.logits()[i];
            }
            for (int i = 0; i < batch.features.length; i++) {
                batch.features[i] -= 0.5f * gradient.features(0)[i];
            }
        }
        assertThat(loss.addGradient(batch.input(), 1, batch.zeros())).isLessThan(0.5 * first);
    }

    @ParameterizedTest
    @MethodSource("types")
    void withoutATeacher_itSaysSoUnlessItNeedsNone(LossType type) {
        LossBatch batch = LossBatch.random(6, 7);
        if (type == LabelLoss.TYPE) {
            assertThat(create(type).addGradient(batch.inputWithoutTeacher(), 1, batch.zeros()))
                    .isPositive();
            return;
        }
        assertThatThrownBy(() -> create(type).addGradient(batch.inputWithoutTeacher(), 1, batch.zeros()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("loss '" + type.name() + "' needs a teacher's lesson");
    }
}
