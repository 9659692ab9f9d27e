package dev.reflux.jobs.operators;

import dev.reflux.distillation.state.StateException;
import dev.reflux.distillation.state.StateReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What the drift library writes and reads, as bytes within the state of an operator. */
final class DriftState {

    private DriftState() {}

    @FunctionalInterface
    interface Writing {
        void to(DataOutput out) throws IOException;
    }

    @FunctionalInterface
    interface Reading<T> {
        T from(DataInput in) throws IOException;
    }

    static byte[] write(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(bytes)) {
            writing.to(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @throws StateException when the bytes make no sense, or a newer build wrote them */
    static <T> T read(StateReader section, Reading<T> reading) {
        try (DataInputStream data = new DataInputStream(new ByteArrayInputStream(section.getBytes()))) {
            return reading.from(data);
        } catch (IOException e) {
            throw new StateException("drift state cannot be read: " + e.getMessage(), e);
        }
    }
}
