package dev.reflux.drift;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The register of detectors, and their state with the type in front. */
public final class DriftDetectors {

    private static final Map<String, Reader> READERS = new TreeMap<>(Map.of(
            Adwin.TYPE, Adwin::read,
            Ddm.TYPE, Ddm::read,
            Eddm.TYPE, Eddm::read,
            HddmA.TYPE, HddmA::read,
            HddmW.TYPE, HddmW::read,
            Kswin.TYPE, Kswin::read,
            PageHinkley.TYPE, PageHinkley::read,
            Studd.TYPE, Studd::read));

    private DriftDetectors() {}

    public static void write(DriftDetector detector, DataOutput out) throws IOException {
        out.writeUTF(detector.type());
        detector.write(out);
    }

    /** @throws IOException also when the state is of an unknown type or of a newer version */
    public static DriftDetector read(DataInput in) throws IOException {
        String type = in.readUTF();
        Reader reader = READERS.get(type);
        if (reader == null) {
            throw new IOException("drift detector '" + type + "' found, this build reads " + READERS.keySet());
        }
        return reader.read(in);
    }

    /** Whether two detectors are of one type and have the same settings, whatever they have seen. */
    public static boolean haveSameSettings(DriftDetector one, DriftDetector other) {
        return Arrays.equals(emptied(one), emptied(other));
    }

    private static byte[] emptied(DriftDetector detector) {
        try {
            DriftDetector copy = read(new DataInputStream(new ByteArrayInputStream(bytes(detector))));
            copy.reset();
            return bytes(copy);
        } catch (IOException e) {
            throw new UncheckedIOException("a state in memory cannot fail to be read", e);
        }
    }

    private static byte[] bytes(DriftDetector detector) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(detector, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    @FunctionalInterface
    private interface Reader {
        DriftDetector read(DataInput in) throws IOException;
    }
}
