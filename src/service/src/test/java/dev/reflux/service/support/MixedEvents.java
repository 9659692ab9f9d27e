package dev.reflux.service.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Events that show a line in a noisy picture, speak of it in a sentence, and tell two numbers and a zone that give it away
 * together; the class is its direction. Picture, sentence and numbers each tell it alone. A teacher from elsewhere has an
 * opinion of nine in ten events, which is right in four of five.
 *
 * @param unlabelled share of the events without a label
 * @param missing share of the events that lack a feature, of each by itself
 * @param wordless share of the events that lack the sentence, beside that
 */
public record MixedEvents(double unlabelled, double missing, double wordless) {

    /** Everything is there. */
    public static final MixedEvents WHOLE = new MixedEvents(0, 0, 0);

    public static final List<String> CLASSES = List.of("across", "down", "aslant");
    public static final String NUMBERS = "x, y, zone";
    public static final String PICTURE = "picture";
    public static final String SENTENCE = "sentence";

    public static final String SECTION = """
            events:
              label: { path: /label, classes: [across, down, aslant] }
              features:
                - { name: x, type: numeric, required: false }
                - { name: y, type: numeric, required: false }
                - { name: zone, type: category, size: 4, required: false }
                - { name: sentence, type: text, buckets: 512, required: false }
                - { name: picture, type: tensor, shape: [1, 8, 8], required: false }
            """;

    private static final int SIDE = 8;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<List<String>> WORDS = List.of(
            List.of("level", "flat", "horizon"),
            List.of("upright", "vertical", "pole"),
            List.of("tilted", "oblique", "slope"));
    private static final List<String> FILLERS =
            List.of("a", "line", "that", "is", "seen", "in", "some", "picture", "of", "grey", "noise", "and", "dots");

    /** The features of an event by their names, without those that it lacks. */
    public Map<String, Object> features(long number) {
        return event(number).features();
    }

    /** The class of an event, whether its label is shown or not. */
    public static int label(long number) {
        return WHOLE.event(number).label();
    }

    /** An event as JSON; what it lacks is left out, or null. */
    public byte[] json(long number) {
        Event event = event(number);
        Map<String, Object> fields = new LinkedHashMap<>(event.features());
        if (number % 2 == 0) {
            for (String name : List.of("x", "y", "zone", SENTENCE, PICTURE)) {
                fields.putIfAbsent(name, null);
            }
        }
        fields.put("label", event.shown() ? CLASSES.get(event.label()) : null);
        fields.put("teacher", event.opinion());
        try {
            return JSON.writeValueAsBytes(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Events {@code from} to {@code to} as JSON. */
    public Stream<byte[]> json(long from, long to) {
        return LongStream.range(from, to).mapToObj(this::json);
    }

    /** Share of the most frequent class among the first events: the accuracy of who always says the same. */
    public static double majority(long events) {
        long[] counts = new long[CLASSES.size()];
        for (long i = 0; i < events; i++) {
            counts[label(i)]++;
        }
        return LongStream.of(counts).max().orElseThrow() / (double) events;
    }

    private record Event(
            int label, boolean shown, @Nullable Map<String, Double> opinion, Map<String, Object> features) {}

    private Event event(long number) {
        SplittableRandom random = new SplittableRandom(number * 7919 + 17);
        int label = random.nextInt(CLASSES.size());
        Map<String, Object> features = new LinkedHashMap<>();
        features.put(PICTURE, picture(random, label));
        features.put(SENTENCE, sentence(random, label));
        int zone = random.nextInt(4);
        double angle = 2 * Math.PI / 3 * label + (zone < 2 ? 0 : Math.PI / 3);
        features.put("x", (float) (10 + Math.cos(angle) + 0.4 * random.nextGaussian()));
        features.put("y", (float) (Math.sin(angle) + 0.4 * random.nextGaussian()));
        features.put("zone", zone);
        boolean shown = random.nextDouble() >= unlabelled;
        if (random.nextDouble() < wordless) {
            features.remove(SENTENCE);
        }
        features.keySet().removeIf(name -> random.nextDouble() < missing);
        return new Event(label, shown, opinion(random, label), features);
    }

    private static @Nullable Map<String, Double> opinion(SplittableRandom random, int label) {
        if (random.nextInt(10) == 0) {
            return null;
        }
        int said = (label + (random.nextInt(5) == 0 ? 1 : 0)) % CLASSES.size();
        return Map.of(CLASSES.get(said), 0.8, CLASSES.get((said + 1) % CLASSES.size()), 0.2);
    }

    private static List<Float> picture(SplittableRandom random, int label) {
        float[] picture = new float[SIDE * SIDE];
        for (int i = 0; i < picture.length; i++) {
            picture[i] = (float) (random.nextDouble() * 0.4);
        }
        int row = random.nextInt(SIDE - 3);
        int column = random.nextInt(SIDE - 3);
        for (int i = 0; i < 4; i++) {
            int y = row + (label == 0 ? 0 : i);
            int x = column + (label == 1 ? 0 : i);
            picture[y * SIDE + x] += 0.8f;
        }
        List<Float> values = new ArrayList<>();
        for (float value : picture) {
            values.add(value);
        }
        return values;
    }

    private static String sentence(SplittableRandom random, int label) {
        List<String> words = new ArrayList<>();
        int length = 3 + random.nextInt(8);
        for (int i = 0; i < length; i++) {
            words.add(FILLERS.get(random.nextInt(FILLERS.size())));
        }
        words.add(random.nextInt(length), WORDS.get(label).get(random.nextInt(3)));
        return String.join(" ", words);
    }
}
