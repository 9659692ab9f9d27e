package dev.reflux.distillation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import org.junit.jupiter.api.Test;

class FlatOptimizerTest {

    private static void step(FlatOptimizer optimizer, double rate, float scale, float[] parameters, float... gradient) {
        optimizer.begin(rate, scale);
        optimizer.update(parameters, 0, gradient, 0, 0, parameters.length);
    }

    @Test
    void sgd_movesByRateTimesScaledGradient() {
        FlatOptimizer optimizer = new FlatOptimizer(new OptimizerSpec.Sgd(1, 0, 0), 2, 0);
        float[] parameters = {1, 2};
        step(optimizer, 0.1, 0.5f, parameters, 4, -2);

        assertThat(parameters).containsExactly(new float[] {0.8f, 2.1f}, within(1e-6f));
    }

    @Test
    void momentum_byHand() {
        FlatOptimizer optimizer = new FlatOptimizer(new OptimizerSpec.Sgd(1, 0.5, 0), 1, 0);
        float[] parameters = {1};
        step(optimizer, 0.1, 1, parameters, 2); // v = 2
        step(optimizer, 0.1, 0.5f, parameters, 2); // v = 0.5 * 2 + 0.5 * 2 = 2
        step(optimizer, 0.2, 1, parameters, -1); // v = 0.5 * 2 - 1 = 0
        step(optimizer, 0.2, 1, parameters, 1); // v = 1

        assertThat(parameters[0]).isCloseTo(1 - 0.1f * 2 - 0.1f * 2 - 0.2f, within(1e-6f));
    }

    @Test
    void adam_byHand() {
        OptimizerSpec adam = new OptimizerSpec.Adam(1, 0.9, 0.99, 1e-3, 0);
        FlatOptimizer optimizer = new FlatOptimizer(adam, 1, 0);
        float[] parameters = {0};
        double m = 0;
        double v = 0;
        double expected = 0;
        double[] gradients = {0.5, -0.25, 0, 3};
        for (int t = 1; t <= gradients.length; t++) {
            double g = gradients[t - 1];
            m = 0.9 * m + 0.1 * g;
            v = 0.99 * v + 0.01 * g * g;
            expected -= 0.1 * (m / (1 - Math.pow(0.9, t))) / (Math.sqrt(v / (1 - Math.pow(0.99, t))) + 1e-3);
            step(optimizer, 0.1, 1, parameters, (float) g);
            assertThat(parameters[0]).isCloseTo((float) expected, within(1e-6f));
        }
    }

    @Test
    void decayingMoments_neverBecomeDenormal() {
        for (OptimizerSpec spec :
                new OptimizerSpec[] {new OptimizerSpec.Sgd(1, 0.9, 0), new OptimizerSpec.Adam(1, 0.9, 0.9, 1e-8, 0)}) {
            FlatOptimizer optimizer = new FlatOptimizer(spec, 2, 0);
            float[] parameters = {0, 0};
            step(optimizer, 0.1, 1, parameters, 1, -1);
            for (int i = 0; i < 3000; i++) {
                step(optimizer, 0.1, 1, parameters, 0, 0);
                StateWriter out = new StateWriter();
                optimizer.write(out);
                StateReader body = new StateReader(out.toBytes()).section("optimizer", 1);
                body.getString();
                body.getLong();
                for (float moment : body.getFloats()) {
                    assertThat(moment == 0 || Math.abs(moment) > 5e-28)
                            .as("moment %s", moment)
                            .isTrue();
                    assertThat(i < 2999 || Math.abs(moment) < 1e-25).isTrue();
                }
            }
        }
    }

    @Test
    void smallMoments_areLeftAsTheyAre() {
        FlatOptimizer optimizer = new FlatOptimizer(new OptimizerSpec.Sgd(1, 0.5, 0), 1, 0);
        float[] parameters = {0};
        step(optimizer, 1, 1, parameters, 1.2345678e-10f);

        assertThat(parameters[0]).isEqualTo(-1.2345678e-10f);
    }

    @Test
    void scaled_rateFallsWithTheInput_byHand() {
        FlatOptimizer optimizer = new FlatOptimizer(new OptimizerSpec.Scaled(0.5), 1, 1);
        float[] parameters = {0};
        float[] gradient = {1};

        optimizer.begin(0.5, 1);
        optimizer.scaleTo(0, 0.5, 25); // a mean of 25: 0.5 / (1 + 4 * 5)
        optimizer.update(parameters, 0, gradient, 0, 0, 1);
        assertThat(parameters[0]).isCloseTo(-0.0238095f, within(1e-7f));

        StateWriter state = new StateWriter();
        optimizer.write(state);
        FlatOptimizer read = new FlatOptimizer(new OptimizerSpec.Scaled(0.5), 1, 1);
        read.read(new StateReader(state.toBytes()));
        parameters[0] = 0;
        read.begin(0.5, 1);
        read.scaleTo(0, 0.5, 100); // a mean of 62.5: 0.5 / (1 + 4 * (62.5 * 100)^(1/4))
        read.update(parameters, 0, gradient, 0, 0, 1);
        assertThat(parameters[0]).isCloseTo(-0.0136741f, within(1e-7f));
    }
}
