package dev.reflux.service.malformed;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Events with a feature of every type, in all the ways that are legal. */
final class GoodEvents {

    static final String SECTION = """
            events:
              maxBytes: %dB
              label: { path: /label, classes: [in, out] }
              features:
                - { name: x, type: numeric }
                - { name: y, type: numeric }
                - { name: zone, type: category, size: 4 }
                - { name: note, type: text, buckets: 64 }
                - { name: image, type: tensor, shape: [2, 2] }
            """.formatted(Broken.MAX_BYTES);

    private static final List<String> WORDS = List.of("warm", "cold", "größer", "雪", "still", "\\u00e4");

    private GoodEvents() {}

    /** Event number {@code i}, with every field in its plainest form. */
    static byte[] plain(long i) {
        return write(i, "\"%s\"", "%.6f");
    }

    /** Event number {@code i}: mostly plain, else unlabelled, with a missing value, an unknown field, blanks, at the limit. */
    static byte[] event(long i) {
        byte[] plain = plain(i);
        return switch ((int) (i % 17)) {
            case 3 -> write(i, "null", "%.6f");
            case 5 -> write(i, "\"%s\"", "null");
            case 8 -> replace(plain, "\"label\"", "\"unread\"");
            case 11 -> replace(plain, "\"zone\"", "\"extra\":{\"a\":[1,2,{}],\"b\":null},\"zone\"");
            case 13 -> replace(plain, ",", " ,\r\n\t");
            case 15 -> replace(plain, "\"image\"", " ".repeat(Broken.MAX_BYTES - plain.length) + "\"image\"");
            default -> plain;
        };
    }

    private static byte[] write(long i, String label, String x) {
        SplittableRandom random = new SplittableRandom(i * 6364136223846793005L + 11);
        double a = random.nextDouble() * 2 - 1;
        double b = random.nextDouble() * 2 - 1;
        int zone = random.nextInt(5); // 4 is none of the zones, which is legal
        String note = WORDS.get(random.nextInt(6)) + " " + WORDS.get(random.nextInt(6));
        String name = a * a + b * b < 0.2 + 0.15 * zone ? "in" : "out";
        return String.format(
                        Locale.ROOT,
                        "{\"x\":%s,\"y\":%.6f,\"zone\":%d,\"note\":\"%s\",\"image\":[[%.3f,%.3f],[1,0]],\"label\":%s}",
                        String.format(Locale.ROOT, x, a),
                        b,
                        zone,
                        note,
                        a,
                        b,
                        label.formatted(name))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] replace(byte[] event, String found, String by) {
        return new String(event, StandardCharsets.UTF_8).replace(found, by).getBytes(StandardCharsets.UTF_8);
    }
}
