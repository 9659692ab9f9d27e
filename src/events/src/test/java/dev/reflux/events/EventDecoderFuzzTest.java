package dev.reflux.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EventDecoderFuzzTest {

    private static final EventSchema SCHEMA = new EventSchema(
            List.of(
                    NumericFeature.of("x"),
                    new NumericFeature("deep", "/a/b/0", Presence.OPTIONAL),
                    CategoryFeature.ofCodes("day", 7),
                    CategoryFeature.ofValues("colour", List.of("red", "gr\u00FCn")),
                    TextFeature.of("text", 1000),
                    TensorFeature.of("image", List.of(2, 2))),
            new Label("/label", List.of("DOWN", "UP")),
            new TeacherField("/teacher", null),
            null,
            "/time");
    private static final byte[] GOOD = good("[0.25,0.75]");
    private static final byte[] GOOD_BY_NAME = good("{\"UP\":0.75,\"DOWN\":0.25}");
    private static final byte[][] PIECES = List.of(
                    "null",
                    "true",
                    "NaN",
                    "-Infinity",
                    "1e999",
                    "\"",
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\\u12",
                    "\\uD800",
                    "\"x\":",
                    "0",
                    "-",
                    ".",
                    "e",
                    "[[[[",
                    "\0",
                    "\uFEFF",
                    "123456789012345678901234567890")
            .stream()
            .map(piece -> piece.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);

    private final EventDecoder decoder = new EventDecoder(SCHEMA);
    private final byte[] onlyGood = onlyGood();
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);
    private int accepted;

    @Test
    void decode_randomBytes_neverThrowsNorLeavesARow() {
        Random random = new Random(1);
        for (int i = 0; i < 30_000; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            if (i % 3 == 0 && bytes.length > 0) {
                bytes[0] = '{';
            }
            check(bytes);
        }
        assertThat(accepted).isZero();
        assertThat(reasons).contains(Reason.NOT_JSON);
    }

    @Test
    void decode_mutatedEvents_neverThrowsNorLeavesARow() {
        Random random = new Random(2);
        for (int i = 0; i < 100_000; i++) {
            byte[] event = i % 2 == 0 ? GOOD : GOOD_BY_NAME;
            for (int mutations = 1 + random.nextInt(3); mutations > 0; mutations--) {
                event = mutate(event, random);
            }
            check(event);
        }
        assertThat(accepted).isBetween(1_000, 90_000);
        assertThat(reasons)
                .contains(
                        Reason.NOT_JSON,
                        Reason.MISSING_FIELD,
                        Reason.WRONG_TYPE,
                        Reason.UNKNOWN_CLASS,
                        Reason.NOT_FINITE,
                        Reason.WRONG_TENSOR_SIZE,
                        Reason.WRONG_TEACHER_SIZE,
                        Reason.NOT_PROBABILITIES);
    }

    /** Decodes the event and sees that it left a whole row or nothing, in the batch and in the decoder. */
    private void check(byte[] event) {
        MicroBatchBuilder batch = new MicroBatchBuilder(SCHEMA.layout(), 2);
        Rejection rejection = decoder.decode(event, 0, 7, 7, batch);
        if (rejection == null) {
            accepted++;
            assertThat(batch.size()).isEqualTo(1);
            return;
        }
        reasons.add(rejection.reason());
        assertThat(rejection.message()).isNotBlank().doesNotStartWith("the parser failed");
        assertThat(decoder.decode(GOOD, 1, 8, 8, batch)).isNull();
        assertThat(batch.save()).isEqualTo(onlyGood);
    }

    private static byte[] good(String teacher) {
        return ("{\"x\":1.5,\"a\":{\"b\":[2.5,3]},\"day\":3,\"colour\":\"gr\u00FCn\",\"text\":\"Gr\u00FC\u00DFe,"
                        + " \uD83D\uDE00 welt\\n\",\"image\":[[1,2],[3,-4e2]],\"teacher\":" + teacher
                        + ",\"label\":\"UP\",\"time\":\"2026-01-31T12:00:00Z\"}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] onlyGood() {
        MicroBatchBuilder batch = new MicroBatchBuilder(SCHEMA.layout(), 2);
        assertThat(new EventDecoder(SCHEMA).decode(GOOD, 1, 8, 8, batch)).isNull();
        return batch.save();
    }

    private static byte[] mutate(byte[] event, Random random) {
        int at = event.length == 0 ? 0 : random.nextInt(event.length);
        switch (random.nextInt(5)) {
            case 0:
                return Arrays.copyOf(event, at);
            case 1:
                return splice(event, at, Math.min(event.length, at + 1 + random.nextInt(4)), new byte[0]);
            case 2:
                return splice(event, at, at, PIECES[random.nextInt(PIECES.length)]);
            case 3:
                return splice(
                        event,
                        at,
                        Math.min(event.length, at + 1 + random.nextInt(6)),
                        PIECES[random.nextInt(PIECES.length)]);
            default:
                byte[] flipped = event.clone();
                if (flipped.length > 0) {
                    flipped[at] ^= (byte) (1 << random.nextInt(8));
                }
                return flipped;
        }
    }

    private static byte[] splice(byte[] event, int from, int to, byte[] piece) {
        byte[] spliced = new byte[event.length - (to - from) + piece.length];
        System.arraycopy(event, 0, spliced, 0, from);
        System.arraycopy(piece, 0, spliced, from, piece.length);
        System.arraycopy(event, to, spliced, from + piece.length, event.length - to);
        return spliced;
    }
}
