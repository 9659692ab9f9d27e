package dev.reflux.events.generated;

import dev.reflux.events.CategoryFeature;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Feature;
import dev.reflux.events.Label;
import dev.reflux.events.NumericFeature;
import dev.reflux.events.SplitMix64;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An endless stream of labelled events whose classes change over time; the same seed gives the same events, and any
 * event can be had without those before it. A class is a mixture of clusters, so that it takes a network to tell
 * classes apart. At each change, half of every class's clusters move elsewhere: at odd changes from one event to the
 * next, at even ones over the quarter of a stretch before, in which ever more events are already of the new kind.
 * After the random RBF generators of MOA (Bifet et al., JMLR 11, 2010).
 *
 * <p>Not for several threads at once; each can have its own.
 */
public final class DriftingStream {

    /** How likely an event's category is that of its cluster rather than any. */
    private static final double CATEGORY_TELLS = 0.7;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private static final byte[] START = ascii("{\"id\":");
    private static final byte[] NULL = ascii("null");
    private static final byte[] KIND = ascii(",\"kind\":");
    private static final byte[] NO_LABEL = ascii(",\"label\":null}");

    // which of an event's random numbers decides what; the numeric features follow
    private static final int CONCEPT = 0;
    private static final int CLUSTER = 1;
    private static final int NOISE = 2;
    private static final int NOISE_CLASS = 3;
    private static final int UNLABELLED = 4;
    private static final int CATEGORY_OWN = 5;
    private static final int CATEGORY = 6;
    private static final int NUMBERS = 7;

    private final DriftingStreamSpec spec;
    private final EventSchema schema;
    private final int clusters;
    private final long gradual;
    private final byte[][] fieldStarts;
    private final byte[][] labels;
    private final @Nullable Concept[] concepts = new Concept[2];
    private byte[] json;
    private int size;

    public DriftingStream(DriftingStreamSpec spec) {
        this.spec = spec;
        clusters = spec.classes() * spec.clustersPerClass();
        gradual = spec.driftEvery() / 4;
        schema = schemaOf(spec);
        fieldStarts = new byte[spec.numerics()][];
        for (int feature = 0; feature < spec.numerics(); feature++) {
            fieldStarts[feature] = ascii(",\"x" + feature + "\":");
        }
        labels = new byte[spec.classes()][];
        for (int label = 0; label < spec.classes(); label++) {
            labels[label] = ascii(",\"label\":\"" + className(label) + "\"}");
        }
        json = new byte[128 + spec.numerics() * 32];
    }

    /** What the events hold. */
    public EventSchema schema() {
        return schema;
    }

    /** Event number {@code index}, counted from 0, as JSON in UTF-8. */
    public byte[] event(long index) {
        if (index < 0) {
            throw new IllegalArgumentException("event " + index + " found, the first is event 0");
        }
        long random = random(index);
        Concept concept = concept(conceptOf(index, random));
        int cluster = clusterOf(random);
        size = 0;
        put(START);
        putLong(index);
        for (int feature = 0; feature < spec.numerics(); feature++) {
            put(fieldStarts[feature]);
            if (spec.missing() > 0 && uniform(random, NUMBERS + 2 * feature + 1) < spec.missing()) {
                put(NULL);
            } else {
                double noise = gaussian(draw(random, NUMBERS + 2 * feature));
                putThousandths(Math.round(
                        1000 * (concept.centres[cluster * spec.numerics() + feature] + spec.spread() * noise)));
            }
        }
        if (spec.categorySize() > 0) {
            put(KIND);
            boolean own = uniform(random, CATEGORY_OWN) < CATEGORY_TELLS;
            putLong(own ? concept.categories[cluster] : below(draw(random, CATEGORY), spec.categorySize()));
        }
        put(labelled(index) ? labels[trueClass(index)] : NO_LABEL);
        return Arrays.copyOf(json, size);
    }

    /** The class of event number {@code index}, also where the event does not tell it. */
    public int trueClass(long index) {
        long random = random(index);
        return uniform(random, NOISE) < spec.labelNoise()
                ? below(draw(random, NOISE_CLASS), spec.classes())
                : clusterOf(random) / spec.clustersPerClass();
    }

    /** Whether event number {@code index} tells its class. */
    public boolean labelled(long index) {
        return uniform(random(index), UNLABELLED) >= spec.unlabelled();
    }

    /** The number, counted from 0, of the state of the world that event number {@code index} was drawn from. */
    public long conceptOf(long index) {
        return conceptOf(index, random(index));
    }

    private long conceptOf(long index, long random) {
        long concept = index / spec.driftEvery();
        boolean nextIsGradual = concept % 2 == 1;
        long intoChange = index % spec.driftEvery() - (spec.driftEvery() - gradual);
        if (nextIsGradual && intoChange >= 0 && uniform(random, CONCEPT) < (intoChange + 0.5) / gradual) {
            return concept + 1;
        }
        return concept;
    }

    private int clusterOf(long random) {
        return below(draw(random, CLUSTER), clusters);
    }

    private Concept concept(long number) {
        int slot = (int) (number & 1);
        Concept concept = concepts[slot];
        if (concept == null || concept.number != number) {
            concept = new Concept(number);
            concepts[slot] = concept;
        }
        return concept;
    }

    private long random(long index) {
        return SplitMix64.mix(spec.seed(), index);
    }

    private static long draw(long random, int which) {
        return SplitMix64.mix(random + which * GOLDEN);
    }

    private static double uniform(long random, int which) {
        return SplitMix64.uniform(draw(random, which));
    }

    private static int below(long bits, int bound) {
        return (int) ((bits >>> 32) * bound >>> 32);
    }

    /** Sum of four uniform numbers, of mean 0 and variance 1: near enough to a normal one, and fast. */
    private static double gaussian(long bits) {
        long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return (sum * 0x1.0p-16 - 2) * 1.7320508075688772;
    }

    private void put(byte[] text) {
        System.arraycopy(text, 0, json, size, text.length);
        size += text.length;
    }

    private void putLong(long value) {
        if (value < 10) {
            json[size++] = (byte) ('0' + value);
            return;
        }
        putLong(value / 10);
        json[size++] = (byte) ('0' + value % 10);
    }

    private void putThousandths(long value) {
        if (value < 0) {
            json[size++] = '-';
        }
        long magnitude = Math.abs(value);
        putLong(magnitude / 1000);
        json[size++] = '.';
        json[size++] = (byte) ('0' + magnitude / 100 % 10);
        json[size++] = (byte) ('0' + magnitude / 10 % 10);
        json[size++] = (byte) ('0' + magnitude % 10);
    }

    private static EventSchema schemaOf(DriftingStreamSpec spec) {
        List<Feature> features = new ArrayList<>();
        for (int feature = 0; feature < spec.numerics(); feature++) {
            features.add(NumericFeature.of("x" + feature));
        }
        if (spec.categorySize() > 0) {
            features.add(CategoryFeature.ofCodes("kind", spec.categorySize()));
        }
        List<String> classes = new ArrayList<>();
        for (int label = 0; label < spec.classes(); label++) {
            classes.add(className(label));
        }
        return new EventSchema(features, new Label("/label", classes), "/id", null);
    }

    private static String className(int label) {
        return label < 26 ? String.valueOf((char) ('A' + label)) : "C" + label;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Where the clusters lie in one state of the world. */
    private final class Concept {

        final long number;
        final double[] centres = new double[clusters * spec.numerics()];
        final int[] categories = new int[clusters];

        Concept(long number) {
            this.number = number;
            for (int cluster = 0; cluster < clusters; cluster++) {
                // every other cluster of a class moves at odd changes, the rest at even ones
                long moves = (number + cluster % spec.clustersPerClass() % 2) / 2;
                long random = SplitMix64.mix(SplitMix64.mix(~spec.seed(), cluster), moves);
                categories[cluster] = spec.categorySize() > 0 ? below(draw(random, 0), spec.categorySize()) : 0;
                for (int feature = 0; feature < spec.numerics(); feature++) {
                    centres[cluster * spec.numerics() + feature] = 2 * uniform(random, 1 + feature) - 1;
                }
            }
        }
    }
}
