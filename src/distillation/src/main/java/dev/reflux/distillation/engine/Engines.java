package dev.reflux.distillation.engine;

import dev.reflux.distillation.network.Mlp;
import dev.reflux.distillation.network.Network;

/**
 * Chooses and builds the engine of a network.
 *
 * <p>The choice compares two straight lines through measured step times (plain SGD; perceptrons 54-64-7, 54-128-128-7
 * and 54-512-512-256-7; 1, 32, 128 and 512 rows; one EPYC core with AVX2). Fused loops take about {@code 1.5 us + 0.55
 * ns * parameters} per row. PyTorch takes about {@code 110 us + 0.6 ns * parameters} per step for its calls and the
 * optimizer, and {@code 0.08 ns * parameters} per row. They meet at about 33 rows for 4 thousand parameters, 10 for 24
 * thousand and 2 for 400 thousand. Constants, not a measurement at start: a run must not depend on the machine it is on.
 */
final class Engines {

    private static final double FUSED_ROW = 1500;
    private static final double FUSED_ROW_PARAMETER = 0.55;
    private static final double TENSOR_STEP = 110_000;
    private static final double TENSOR_STEP_PARAMETER = 0.6;
    private static final double TENSOR_ROW_PARAMETER = 0.08;

    private Engines() {}

    static StepEngine create(ModelSpec spec, Network network, int[] taps, float[] parameters, FlatOptimizer optimizer) {
        return switch (choose(spec.engine(), network, spec.rowsPerStep())) {
            case FUSED -> new FusedEngine(dense(network), taps, parameters, optimizer);
            case TENSOR, AUTO -> new TensorEngine(network, taps, parameters, optimizer);
        };
    }

    static EngineChoice choose(EngineChoice asked, Network network, int rows) {
        if (asked != EngineChoice.AUTO) {
            return asked;
        }
        double parameters = network.parameterCount();
        double fused = rows * (FUSED_ROW + FUSED_ROW_PARAMETER * parameters);
        double tensor = TENSOR_STEP + TENSOR_STEP_PARAMETER * parameters + rows * TENSOR_ROW_PARAMETER * parameters;
        return network instanceof Mlp && fused <= tensor ? EngineChoice.FUSED : EngineChoice.TENSOR;
    }

    private static Mlp dense(Network network) {
        if (network instanceof Mlp mlp) {
            return mlp;
        }
        throw new IllegalArgumentException("engine: FUSED found for '" + network.describe()
                + "', it runs perceptrons alone; choose AUTO or TENSOR");
    }
}
