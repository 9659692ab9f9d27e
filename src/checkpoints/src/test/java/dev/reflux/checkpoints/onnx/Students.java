package dev.reflux.checkpoints.onnx;

import dev.reflux.checkpoints.InputColumn;
import dev.reflux.checkpoints.InputColumn.Category;
import dev.reflux.checkpoints.InputColumn.Numeric;
import dev.reflux.checkpoints.InputColumn.Tensor;
import dev.reflux.checkpoints.InputColumn.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Small students for tests, and plain Java that says what their prepared inputs must be. */
public final class Students {

    /** One column of each kind, numerics apart from each other. */
    public static final List<InputColumn> COLUMNS = List.of(
            new Numeric("price"),
            Category.ofCodes("day", 7),
            new Text("text", 64),
            Category.ofValues("state", List.of("NSW", "Süd", "🙂")),
            new Tensor("image", List.of(2, 3)),
            new Numeric("demand"));

    public static final List<String> CLASSES = List.of("DOWN", "UP", "FLAT");

    private static final Pattern TOKEN = Pattern.compile("[\\p{L}\\p{N}]+");

    private Students() {}

    /** A linear student over all {@link #COLUMNS}: NaN counts as 0, embeddings of 3 for categories and tokens. */
    public static byte[] linear(long seed) {
        Random random = new Random(seed);
        OnnxModelBuilder builder = new OnnxModelBuilder(COLUMNS);
        String logits = dense(builder, random, withoutNaN(builder, builder.numeric()), 2);
        logits = builder.node(
                "Add", logits, embedding(builder, random, builder.categories().get(0), 8));
        logits = builder.node(
                "Add", logits, embedding(builder, random, builder.categories().get(1), 4));
        logits =
                builder.node("Add", logits, bag(builder, random, builder.texts().get(0), 64));
        logits = builder.node(
                "Add",
                logits,
                dense(builder, random, withoutNaN(builder, builder.tensors().get(0)), 6));
        return builder.finish(logits, CLASSES, Map.of("student", "phone", "pipeline", "p", "step", "12"));
    }

    /** The same in plain Java: probabilities {@code [rows, 3]}. */
    public static float[] linearInJava(long seed, List<Map<String, Object>> rows) {
        Random random = new Random(seed);
        float[] numeric = gaussians(random, 6);
        float[] days = gaussians(random, 24);
        float[] states = gaussians(random, 12);
        float[] tokens = gaussians(random, 64 * 3);
        float[] image = gaussians(random, 18);
        float[] probabilities = new float[rows.size() * 3];
        for (int row = 0; row < rows.size(); row++) {
            Map<String, Object> values = rows.get(row);
            double[] logits = new double[3];
            addDense(logits, numeric, new Object[] {values.get("price"), values.get("demand")});
            Object day = values.get("day");
            int code = day instanceof Integer i && i >= 0 && i < 7 ? i : 7;
            add(logits, days, code);
            int state = Arrays.asList("NSW", "Süd", "🙂").indexOf(values.get("state"));
            add(logits, states, state < 0 ? 3 : state);
            for (int bucket : buckets((String) values.getOrDefault("text", ""), 64)) {
                add(logits, tokens, bucket);
            }
            Object[] pixels = values.get("image") instanceof List<?> list ? list.toArray() : new Object[6];
            addDense(logits, image, pixels);
            double sum = 0;
            for (double logit : logits) {
                sum += Math.exp(logit);
            }
            for (int c = 0; c < 3; c++) {
                probabilities[row * 3 + c] = (float) (Math.exp(logits[c]) / sum);
            }
        }
        return probabilities;
    }

    /** Rows for {@link #COLUMNS} in which all is missing or unknown at times. */
    public static List<Map<String, Object>> rows(int count, long seed) {
        Random random = new Random(seed);
        String[] texts = {"", "!?", "Hello World 42", "hello ÄÖ 𝐀 🙂 Straße", "日本語 x\u0000y", "lone \ud800 half"};
        String[] states = {"NSW", "Süd", "🙂", "nsw", "", "\ud800", "a\u0000b"};
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map<String, Object> row = new HashMap<>();
            if (random.nextInt(4) > 0) {
                row.put("price", random.nextGaussian());
                row.put("demand", random.nextInt(10));
                row.put("day", random.nextInt(11) - 2);
                row.put("text", texts[random.nextInt(texts.length)]);
                row.put("state", states[random.nextInt(states.length)]);
            }
            if (random.nextInt(4) > 0) {
                row.put("image", List.of(1, 2.5, random.nextGaussian(), 0, -1f, 3L));
            }
            rows.add(row);
        }
        return rows;
    }

    /** The buckets of a text's tokens, as {@link Text} defines them. */
    static int[] buckets(String text, int buckets) {
        return TOKEN.matcher(text)
                .results()
                .map(match -> {
                    String token = match.group();
                    return token.matches("[A-Za-z0-9]+") ? token.toLowerCase(Locale.ROOT) : token;
                })
                .mapToInt(token -> Integer.remainderUnsigned(murmur(token.getBytes(StandardCharsets.UTF_8)), buckets))
                .toArray();
    }

    static boolean isToken(int codePoint) {
        Matcher matcher = TOKEN.matcher(Character.toString(codePoint));
        return matcher.matches();
    }

    /** MurmurHash3 x86_32 with seed 0. */
    static int murmur(byte[] bytes) {
        int hash = 0;
        int blocks = bytes.length / 4;
        for (int i = 0; i < blocks; i++) {
            int k = (bytes[4 * i] & 0xff)
                    | (bytes[4 * i + 1] & 0xff) << 8
                    | (bytes[4 * i + 2] & 0xff) << 16
                    | (bytes[4 * i + 3] & 0xff) << 24;
            hash ^= scramble(k);
            hash = Integer.rotateLeft(hash, 13) * 5 + 0xe6546b64;
        }
        int tail = 0;
        for (int i = bytes.length - 1; i >= 4 * blocks; i--) {
            tail = tail << 8 | bytes[i] & 0xff;
        }
        hash ^= scramble(tail);
        hash ^= bytes.length;
        hash = (hash ^ hash >>> 16) * 0x85ebca6b;
        hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
        return hash ^ hash >>> 16;
    }

    private static int scramble(int k) {
        return Integer.rotateLeft(k * 0xcc9e2d51, 15) * 0x1b873593;
    }

    private static String withoutNaN(OnnxModelBuilder builder, String values) {
        String zero = builder.constant("zero", new float[] {0});
        return builder.node("Where", builder.node("IsNaN", values), zero, values);
    }

    private static String dense(OnnxModelBuilder builder, Random random, String values, int width) {
        return builder.node("MatMul", values, builder.constant("weights", gaussians(random, width * 3), width, 3));
    }

    private static String embedding(OnnxModelBuilder builder, Random random, String codes, int rows) {
        return builder.node("Gather", builder.constant("embedding", gaussians(random, rows * 3), rows, 3), codes);
    }

    private static String bag(OnnxModelBuilder builder, Random random, String buckets, int size) {
        // one more row of zeros, where -1 leads
        float[] table = Arrays.copyOf(gaussians(random, size * 3), (size + 1) * 3);
        String rows = builder.node("Gather", builder.constant("tokens", table, size + 1, 3), buckets);
        String axis = builder.constant("axis", new long[] {1}, 1);
        return builder.node("ReduceSum", List.of(rows, axis), Map.of("keepdims", 0L));
    }

    private static float[] gaussians(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() * 0.5f;
        }
        return values;
    }

    private static void add(double[] logits, float[] table, int row) {
        for (int c = 0; c < 3; c++) {
            logits[c] += table[row * 3 + c];
        }
    }

    private static void addDense(double[] logits, float[] weights, Object[] values) {
        for (int i = 0; i < values.length; i++) {
            double value = values[i] instanceof Number number ? number.floatValue() : 0;
            for (int c = 0; c < 3; c++) {
                logits[c] += value * weights[i * 3 + c];
            }
        }
    }
}
