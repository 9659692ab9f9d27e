package dev.reflux.distillation.engine;

import dev.reflux.distillation.network.Activation;
import dev.reflux.distillation.network.Mlp;
import java.util.ArrayList;
import java.util.List;

/** A perceptron in double precision, as plainly as it can be written, to compare engines with. */
final class ReferenceMlp {

    private ReferenceMlp() {}

    static double[] logits(Mlp network, double[] p, double[] input) {
        List<double[]> outputs = outputs(network, p, input);
        return outputs.get(outputs.size() - 1);
    }

    /** The output of each layer, the logits last. */
    static List<double[]> outputs(Mlp network, double[] p, double[] input) {
        List<double[]> all = new ArrayList<>();
        double[] x = input;
        for (Mlp.Block layer : network.blocks()) {
            int outputs = layer.outputs();
            double[] y = new double[outputs];
            for (int j = 0; j < outputs; j++) {
                y[j] = p[layer.bias() + j];
                for (int i = 0; i < layer.inputs(); i++) {
                    y[j] += x[i] * p[layer.weight() + i * outputs + j];
                }
            }
            if (layer.hasNorm()) {
                double mean = 0;
                double variance = 0;
                for (double value : y) {
                    mean += value / outputs;
                }
                for (double value : y) {
                    variance += (value - mean) * (value - mean) / outputs;
                }
                for (int j = 0; j < outputs; j++) {
                    y[j] = (y[j] - mean) / Math.sqrt(variance + 1e-5) * p[layer.gain() + j] + p[layer.shift() + j];
                }
            }
            for (int j = 0; j < outputs; j++) {
                if (layer.activation().isPresent()) {
                    y[j] = activate(layer.activation().get(), y[j]);
                }
                if (layer.residual()) {
                    y[j] += x[j];
                }
            }
            x = y;
            all.add(y);
        }
        return all;
    }

    private static double activate(Activation activation, double x) {
        return switch (activation) {
            case RELU -> Math.max(0, x);
            case TANH -> Math.tanh(x);
            case GELU -> x * 0.5 * (1 + erf(x / Math.sqrt(2)));
        };
    }

    /** By its Maclaurin series near zero and the continued fraction of its complement elsewhere, exact to 1e-14. */
    static double erf(double x) {
        if (Math.abs(x) > 2) {
            double a = Math.abs(x);
            double tail = a;
            for (int n = 200; n > 0; n--) {
                tail = a + n / 2.0 / tail;
            }
            return Math.signum(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / tail);
        }
        double term = x;
        double sum = x;
        for (int n = 1; n < 120; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }
}
