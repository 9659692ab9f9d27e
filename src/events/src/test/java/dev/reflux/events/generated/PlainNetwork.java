package dev.reflux.events.generated;

import java.util.Arrays;
import java.util.Random;

/** A dense ReLU network that learns event by event with plain SGD: a yardstick for how hard a stream is. */
final class PlainNetwork {

    private final int[] sizes;
    private final float[][] weights;
    private final float[][] biases;
    private final float[][] values;
    private final float[][] errors;
    private final float rate;

    PlainNetwork(float rate, int... sizes) {
        this.rate = rate;
        this.sizes = sizes;
        Random random = new Random(1);
        weights = new float[sizes.length - 1][];
        biases = new float[sizes.length - 1][];
        values = new float[sizes.length][];
        errors = new float[sizes.length][];
        for (int layer = 0; layer < sizes.length; layer++) {
            values[layer] = new float[sizes[layer]];
            errors[layer] = new float[sizes[layer]];
        }
        for (int layer = 0; layer + 1 < sizes.length; layer++) {
            weights[layer] = new float[sizes[layer] * sizes[layer + 1]];
            biases[layer] = new float[sizes[layer + 1]];
            for (int i = 0; i < weights[layer].length; i++) {
                weights[layer][i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / sizes[layer]));
            }
        }
    }

    int predict(float[] input) {
        System.arraycopy(input, 0, values[0], 0, input.length);
        for (int layer = 0; layer + 1 < sizes.length; layer++) {
            float[] in = values[layer];
            boolean last = layer + 2 == sizes.length;
            for (int unit = 0; unit < sizes[layer + 1]; unit++) {
                float sum = biases[layer][unit];
                for (int i = 0; i < in.length; i++) {
                    sum += weights[layer][unit * in.length + i] * in[i];
                }
                values[layer + 1][unit] = last ? sum : Math.max(0, sum);
            }
        }
        float[] logits = values[sizes.length - 1];
        int best = 0;
        for (int unit = 1; unit < logits.length; unit++) {
            best = logits[unit] > logits[best] ? unit : best;
        }
        return best;
    }

    /** One step of cross-entropy on what was predicted last. */
    void learn(int label) {
        int top = sizes.length - 1;
        double sum = 0;
        for (float logit : values[top]) {
            sum += Math.exp(logit);
        }
        for (int unit = 0; unit < sizes[top]; unit++) {
            errors[top][unit] = (float) (Math.exp(values[top][unit]) / sum) - (unit == label ? 1 : 0);
        }
        for (int layer = top - 1; layer >= 0; layer--) {
            float[] in = values[layer];
            Arrays.fill(errors[layer], 0);
            for (int unit = 0; unit < sizes[layer + 1]; unit++) {
                float error = errors[layer + 1][unit];
                for (int i = 0; i < in.length; i++) {
                    errors[layer][i] += error * weights[layer][unit * in.length + i];
                    weights[layer][unit * in.length + i] -= rate * error * in[i];
                }
                biases[layer][unit] -= rate * error;
            }
            for (int i = 0; i < in.length; i++) {
                errors[layer][i] = in[i] > 0 ? errors[layer][i] : 0;
            }
        }
    }
}
