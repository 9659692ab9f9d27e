package dev.reflux.benchmarks.peers;

import dev.reflux.events.BatchLayout;
import dev.reflux.events.MicroBatch;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decoded events as {@link MoaLearner} reads them: numbers and pixels as they are, categories as nominal attributes, texts
 * as counts of their tokens, hashed into {@value #TEXT_BUCKETS} attributes, which is what MOA's learners can bear.
 */
final class MoaStream {

    static final int TEXT_BUCKETS = 1024;

    /** A prediction travels in a byte. */
    private static final int MOST_CLASSES = Byte.MAX_VALUE;

    private final BatchLayout layout;
    private final int classes;

    MoaStream(BatchLayout layout, int classes) {
        if (classes > MOST_CLASSES) {
            throw new IllegalArgumentException("classes: " + classes + " found, MOA is given at most " + MOST_CLASSES);
        }
        this.layout = layout;
        this.classes = classes;
    }

    /** Writes all events; each must have a true class. */
    void write(List<MicroBatch> batches, Path file) throws IOException {
        try (DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
            out.writeInt(batches.stream().mapToInt(MicroBatch::size).sum());
            List<Integer> attributes = attributes();
            out.writeInt(attributes.size());
            for (int codes : attributes) {
                out.writeInt(codes);
            }
            out.writeInt(classes);
            float[] values = new float[attributes.size()];
            for (MicroBatch batch : batches) {
                for (int row = 0; row < batch.size(); row++) {
                    fill(batch, row, values);
                    for (float value : values) {
                        out.writeFloat(value);
                    }
                    out.writeByte(batch.truth().get(row));
                    out.writeBoolean(batch.labels().get(row) >= 0);
                }
            }
        }
    }

    /** Codes of each attribute, 0 for a number. */
    private List<Integer> attributes() {
        List<Integer> attributes = new ArrayList<>();
        addNumbers(attributes, layout.numeric());
        attributes.addAll(layout.categorySizes());
        addNumbers(attributes, layout.tensorVolume());
        addNumbers(attributes, layout.texts() * TEXT_BUCKETS);
        return attributes;
    }

    private static void addNumbers(List<Integer> attributes, int count) {
        for (int i = 0; i < count; i++) {
            attributes.add(0);
        }
    }

    private void fill(MicroBatch batch, int row, float[] values) {
        int at = 0;
        for (int column = 0; column < layout.numeric(); column++) {
            values[at++] = batch.numeric().get(row * layout.numeric() + column);
        }
        for (int column = 0; column < layout.categories(); column++) {
            int code = batch.categories().get(row * layout.categories() + column);
            values[at++] = code < 0 ? Float.NaN : code;
        }
        for (int pixel = 0; pixel < layout.tensorVolume(); pixel++) {
            values[at++] = batch.tensors().get(row * layout.tensorVolume() + pixel);
        }
        Arrays.fill(values, at, values.length, 0);
        for (int text = 0; text < layout.texts(); text++) {
            int column = row * layout.texts() + text;
            for (int t = batch.tokenOffsets().get(column);
                    t < batch.tokenOffsets().get(column + 1);
                    t++) {
                values[at + text * TEXT_BUCKETS + batch.tokens().get(t) % TEXT_BUCKETS]++;
            }
        }
    }
}
