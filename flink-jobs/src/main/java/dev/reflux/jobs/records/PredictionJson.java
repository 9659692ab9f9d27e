package dev.reflux.jobs.records;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.reflux.events.Rejection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values of the predictions topic, one for each event: a prediction, or why there is none. The schema is the resource
 * {@code prediction-1.schema.json} beside this class. Not for several threads at once.
 */
public final class PredictionJson {

    /** Newest version that this build writes. */
    public static final int VERSION = 1;

    /** Value of the header {@code reflux-format}. */
    public static final String FORMAT = "prediction/" + VERSION;

    private static final JsonFactory JSON = new JsonFactory();

    private final String pipeline;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);

    public PredictionJson(String pipeline) {
        this.pipeline = pipeline;
    }

    /**
     * The event that a record is about.
     *
     * @param id its own identity; null when it has none
     * @param partition of the events topic
     * @param offset in the partition
     */
    public record Event(@Nullable String id, int partition, long offset) {}

    /**
     * A student, with what is the same in all its records.
     *
     * @param classes names, in the order of the probabilities
     */
    public record Scorer(String student, long version, List<SerializableString> classes) {

        public static Scorer of(String student, long version, List<String> classes) {
            return new Scorer(
                    student,
                    version,
                    classes.stream()
                            .<SerializableString>map(SerializedString::new)
                            .toList());
        }
    }

    /**
     * A prediction.
     *
     * @param probabilities those of the event begin at {@code from}, one per class
     */
    public byte[] write(Event event, Scorer scorer, float[] probabilities, int from) {
        int best = 0;
        for (int c = 1; c < scorer.classes().size(); c++) {
            best = probabilities[from + c] > probabilities[from + best] ? c : best;
        }
        bytes.reset();
        try (JsonGenerator json = begin(event)) {
            json.writeStringField("student", scorer.student());
            json.writeNumberField("studentVersion", scorer.version());
            json.writeFieldName("prediction");
            json.writeString(scorer.classes().get(best));
            json.writeNumberField("confidence", probabilities[from + best]);
            json.writeObjectFieldStart("probabilities");
            for (int c = 0; c < scorer.classes().size(); c++) {
                json.writeFieldName(scorer.classes().get(c));
                json.writeNumber(probabilities[from + c]);
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a prediction could not be written into memory", e);
        }
        return bytes.toByteArray();
    }

    /** Of an event that cannot be scored. */
    public byte[] write(Event event, Rejection rejection) {
        bytes.reset();
        try (JsonGenerator json = begin(event)) {
            json.writeObjectFieldStart("error");
            json.writeStringField("reason", rejection.reason().code());
            json.writeStringField("message", rejection.message());
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a prediction could not be written into memory", e);
        }
        return bytes.toByteArray();
    }

    private JsonGenerator begin(Event event) throws IOException {
        JsonGenerator json = JSON.createGenerator(bytes);
        json.writeStartObject();
        json.writeNumberField("version", VERSION);
        json.writeStringField("pipeline", pipeline);
        if (event.id() != null) {
            json.writeStringField("id", event.id());
        }
        json.writeNumberField("partition", event.partition());
        json.writeNumberField("offset", event.offset());
        return json;
    }
}
