package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.events.EventSchema;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.TextFeature;
import dev.reflux.events.TokenHasher;
import dev.reflux.jobs.LearningPlan;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows on which an exported student is compared with the live one, in the form that each of them takes: the last rows
 * of the batch, and one row on which everything is missing or unknown. A batch holds no text any more, only hash buckets;
 * texts are therefore made up, by row number.
 *
 * @param raw for the exported student
 * @param examples for the live student
 */
record VerificationRows(RawBatch raw, Examples examples) {

    private static final int MOST_ROWS = 64;
    private static final int UNKNOWN = -1;

    static VerificationRows of(MicroBatch batch, LearningPlan plan, String student) {
        EventSchema schema = plan.schema();
        InputLayout layout = plan.inputLayout();
        int taken = Math.min(MOST_ROWS, batch.size());
        int first = batch.size() - taken;
        int rows = taken + 1;
        float[] numerics = lastRows(batch.numeric(), layout.numeric(), first, taken);
        float[] allTensors = lastRows(batch.tensors(), layout.tensorVolume(), first, taken);
        int[] codes = lastRows(batch.categories(), layout.categorySizes().size(), first, taken);
        Texts texts = new Texts(schema, rows);
        int[] unlabelled = new int[rows];
        Arrays.fill(unlabelled, Examples.UNLABELLED);
        Examples examples = new Examples(
                layout,
                rows,
                FloatBuffer.wrap(numerics),
                IntBuffer.wrap(codes),
                texts.offsets(),
                texts.tokens(),
                FloatBuffer.wrap(allTensors),
                IntBuffer.wrap(unlabelled),
                IntBuffer.wrap(unlabelled));
        RawColumns columns = new RawColumns(schema, StudentExport.columns(plan.studentSchema(student)));
        RawBatch raw =
                columns.rows(0, rows, examples.numeric(), examples.categories(), examples.tensors(), texts.columns);
        return new VerificationRows(raw, examples);
    }

    private static float[] lastRows(FloatBuffer values, int width, int first, int taken) {
        float[] rows = new float[(taken + 1) * width];
        values.get(first * width, rows, 0, taken * width);
        Arrays.fill(rows, taken * width, rows.length, Float.NaN);
        return rows;
    }

    private static int[] lastRows(IntBuffer values, int width, int first, int taken) {
        int[] rows = new int[(taken + 1) * width];
        values.get(first * width, rows, 0, taken * width);
        Arrays.fill(rows, taken * width, rows.length, UNKNOWN);
        return rows;
    }

    /** Texts of one to four words; none in the last row. */
    private static final class Texts {

        private final List<String[]> columns = new ArrayList<>();
        private final int[] offsets;
        private final List<Integer> tokens = new ArrayList<>();

        Texts(EventSchema schema, int rows) {
            List<TextFeature> features = schema.texts();
            TokenHasher hasher = new TokenHasher();
            features.forEach(feature -> columns.add(new String[rows]));
            offsets = new int[rows * features.size() + 1];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < features.size(); column++) {
                    String text = row == rows - 1 ? "" : "Word" + row + ", token".repeat(row % 4) + " #" + column;
                    columns.get(column)[row] = text;
                    for (int token : hasher.buckets(text, features.get(column).buckets())) {
                        tokens.add(token);
                    }
                    offsets[row * features.size() + column + 1] = tokens.size();
                }
            }
        }

        IntBuffer offsets() {
            return IntBuffer.wrap(offsets);
        }

        IntBuffer tokens() {
            return IntBuffer.wrap(tokens.stream().mapToInt(Integer::intValue).toArray());
        }
    }
}
