package dev.reflux.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
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

    @FunctionalInterface
    private interface Reader {
        DriftDetector read(DataInput in) throws IOException;
    }
}
