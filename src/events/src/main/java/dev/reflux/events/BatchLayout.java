package dev.reflux.events;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The columns of a micro-batch.
 *
 * @param numeric number of numeric columns
 * @param categorySizes known codes of each category column
 * @param textBuckets hash buckets of each text column
 * @param tensorShapes shape of each tensor column, without the batch dimension
 * @param teacherClasses probabilities that an external teacher gives per event, one per class; 0 when events carry none
 */
public record BatchLayout(
        int numeric,
        List<Integer> categorySizes,
        List<Integer> textBuckets,
        List<List<Integer>> tensorShapes,
        int teacherClasses) {

    public BatchLayout {
        if (numeric < 0) {
            throw new IllegalArgumentException("numeric columns: " + numeric + " found, must not be negative");
        }
        categorySizes = List.copyOf(categorySizes);
        textBuckets = List.copyOf(textBuckets);
        tensorShapes = tensorShapes.stream().map(List::copyOf).toList();
        requirePositive("category size", categorySizes);
        requirePositive("text buckets", textBuckets);
        tensorShapes.forEach(shape -> requirePositive("tensor dimension", shape));
        if (teacherClasses < 0) {
            throw new IllegalArgumentException("teacher classes: " + teacherClasses + " found, must not be negative");
        }
    }

    /** Columns of features alone. */
    public BatchLayout(
            int numeric, List<Integer> categorySizes, List<Integer> textBuckets, List<List<Integer>> tensorShapes) {
        this(numeric, categorySizes, textBuckets, tensorShapes, 0);
    }

    /** Number of category columns. */
    public int categories() {
        return categorySizes.size();
    }

    /** Number of text columns. */
    public int texts() {
        return textBuckets.size();
    }

    /** Number of tensor columns. */
    public int tensors() {
        return tensorShapes.size();
    }

    /** Numbers per event in one tensor column. */
    public int tensorVolume(int column) {
        return tensorShapes.get(column).stream().reduce(1, Math::multiplyExact);
    }

    /** Numbers per event in all tensor columns. */
    public int tensorVolume() {
        int volume = 0;
        for (int column = 0; column < tensorShapes.size(); column++) {
            volume = Math.addExact(volume, tensorVolume(column));
        }
        return volume;
    }

    /** A checksum of the feature columns, by which packed rows tell whether they belong to it. */
    int fingerprint() {
        // List.toString and Integer.toString are specified, so the text is the same on every JVM
        String text = numeric + " " + categorySizes + " " + textBuckets + " " + tensorShapes;
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        return (int) crc.getValue();
    }

    private static void requirePositive(String what, List<Integer> values) {
        for (int value : values) {
            if (value < 1) {
                throw new IllegalArgumentException(what + ": " + value + " found, must be at least 1");
            }
        }
    }
}
