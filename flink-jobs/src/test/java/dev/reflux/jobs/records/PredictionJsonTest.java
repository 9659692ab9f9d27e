package dev.reflux.jobs.records;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.events.Reason;
import dev.reflux.events.Rejection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PredictionJsonTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final PredictionJson.Scorer SCORER =
            PredictionJson.Scorer.of("phone", 4400, List.of("DOWN", "UP \"Süd\""));

    private final PredictionJson json = new PredictionJson("electricity");

    @Test
    void write_predictionAndError_areTheGoldenFiles() throws IOException {
        byte[] prediction =
                json.write(new PredictionJson.Event("e-7", 2, 41), SCORER, new float[] {9, 9, 0.25f, 0.75f}, 2);
        byte[] error = json.write(
                new PredictionJson.Event(null, 0, 42), new Rejection(Reason.MISSING_FIELD, "numeric 'x': no field"));

        assertThat(new String(prediction, StandardCharsets.UTF_8)).isEqualTo(resource("prediction-1.json"));
        assertThat(new String(error, StandardCharsets.UTF_8)).isEqualTo(resource("prediction-1-error.json"));
    }

    @Test
    void schema_knowsEveryField() throws IOException {
        JsonNode properties =
                MAPPER.readTree(resource("prediction-1.schema.json")).get("properties");

        for (String golden : List.of("prediction-1.json", "prediction-1-error.json")) {
            List<String> names = new ArrayList<>();
            MAPPER.readTree(resource(golden)).fieldNames().forEachRemaining(names::add);
            assertThat(names).startsWith("version").allMatch(properties::has);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(PredictionJsonTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
