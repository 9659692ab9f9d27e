package dev.reflux.distillation.engine;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.export.GraphInputs;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Examples with every kind of column, and the gradient of a softmax loss on them. */
final class Fixtures {

    static final int CLASSES = 3;
    static final InputLayout MIXED =
            new InputLayout(4, List.of(3, 6), List.of(40), List.of(List.of(1, 2, 2), List.of(3)));

    private Fixtures() {}

    /** Examples with missing numbers, unknown categories, empty texts and missing tensors among them. */
    static Examples mixed(int size, long seed) {
        Random random = new Random(seed);
        int[] labels = new int[size];
        float[] numeric = new float[size * 4];
        int[] categories = new int[size * 2];
        int[] offsets = new int[size + 1];
        int[] tokens = new int[size * 5];
        float[] tensors = new float[size * 7];
        int token = 0;
        for (int row = 0; row < size; row++) {
            for (int i = 0; i < 4; i++) {
                numeric[row * 4 + i] =
                        random.nextInt(10) == 0 ? Float.NaN : (float) (5 * random.nextGaussian() + 100 * i);
            }
            categories[row * 2] = random.nextInt(4) - 1;
            categories[row * 2 + 1] = random.nextInt(7) - 1;
            int length = random.nextInt(6);
            for (int i = 0; i < length; i++) {
                tokens[token++] = random.nextInt(40);
            }
            offsets[row + 1] = token;
            for (int i = 0; i < 7; i++) {
                tensors[row * 7 + i] = (float) (0.5 + 0.2 * random.nextGaussian());
            }
            if (random.nextInt(5) == 0) {
                tensors[row * 7 + 4] = Float.NaN;
            }
            labels[row] = Math.floorMod(categories[row * 2] + (numeric[row * 4] > 0 ? 1 : 0), CLASSES);
        }
        IntBuffer classes = IntBuffer.wrap(labels);
        return new Examples(
                MIXED,
                size,
                FloatBuffer.wrap(numeric),
                IntBuffer.wrap(categories),
                IntBuffer.wrap(offsets),
                IntBuffer.wrap(tokens, 0, token).slice(),
                FloatBuffer.wrap(tensors),
                classes,
                classes);
    }

    /** Normal features of which the first two decide the class, without any rule that a line could draw. */
    static Examples numeric(int size, int columns, long seed) {
        Random random = new Random(seed);
        float[] values = new float[size * columns];
        int[] labels = new int[size];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        for (int row = 0; row < size; row++) {
            boolean sameSign = values[row * columns] * values[row * columns + 1] > 0;
            labels[row] = sameSign ? 1 : values[row * columns] > 0 ? 2 : 0;
        }
        return Examples.ofNumeric(values, labels);
    }

    /** Writes softmax minus target over the number of rows; returns the mean log loss. */
    static double crossEntropy(Examples examples, int from, int to, float[] logits, float[] gradient) {
        double loss = 0;
        for (int row = from; row < to; row++) {
            double sum = 0;
            for (int c = 0; c < CLASSES; c++) {
                sum += Math.exp(logits[row * CLASSES + c]);
            }
            for (int c = 0; c < CLASSES; c++) {
                double p = Math.exp(logits[row * CLASSES + c]) / sum;
                boolean target = examples.labels().get(row) == c;
                loss -= target ? Math.log(p) / (to - from) : 0;
                gradient[row * CLASSES + c] = (float) ((p - (target ? 1 : 0)) / (to - from));
            }
        }
        return loss;
    }

    /** One test-then-train pass in groups of {@code rows}; returns the mean loss before learning. */
    static double train(Model model, Examples examples, int rows) {
        float[] logits = new float[examples.size() * CLASSES];
        float[] gradient = new float[logits.length];
        double loss = 0;
        for (int from = 0; from < examples.size(); from += rows) {
            int to = Math.min(from + rows, examples.size());
            model.observe(examples, from, to);
            model.forward(examples, from, to, logits);
            loss += crossEntropy(examples, from, to, logits, gradient) * (to - from) / examples.size();
            model.learn(gradient, 1);
        }
        return loss;
    }

    static float[] predict(Model model, Examples examples) {
        float[] logits = new float[examples.size() * CLASSES];
        model.predict(examples, 0, examples.size(), logits);
        return logits;
    }

    /** Examples of the mixed layout as the raw inputs of a graph. */
    static GraphInputs graphInputs(GraphInterpreter graph, Examples e) {
        int size = e.size();
        double[] numeric = new double[size * 4];
        Arrays.setAll(numeric, i -> e.numeric().get(i));
        double[] first = new double[size];
        double[] second = new double[size];
        double[] tokens = new double[size * 6];
        double[] small = new double[size * 4];
        double[] vector = new double[size * 3];
        Arrays.fill(tokens, -1);
        for (int row = 0; row < size; row++) {
            first[row] = e.categories().get(row * 2) < 0 ? 3 : e.categories().get(row * 2);
            second[row] =
                    e.categories().get(row * 2 + 1) < 0 ? 6 : e.categories().get(row * 2 + 1);
            int from = e.tokenOffsets().get(row);
            for (int i = from; i < e.tokenOffsets().get(row + 1); i++) {
                tokens[row * 6 + i - from] = e.tokens().get(i);
            }
            for (int i = 0; i < 4; i++) {
                small[row * 4 + i] = e.tensors().get(row * 7 + i);
            }
            for (int i = 0; i < 3; i++) {
                vector[row * 3 + i] = e.tensors().get(row * 7 + 4 + i);
            }
        }
        return new GraphInputs(
                graph.input("numeric", numeric, size, 4),
                List.of(graph.input("first", first, size), graph.input("second", second, size)),
                List.of(graph.input("tokens", tokens, size, 6)),
                List.of(graph.input("small", small, size, 4), graph.input("vector", vector, size, 3)));
    }
}
