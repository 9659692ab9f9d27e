package dev.reflux.service.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

final class LiveStateTest {
    private final LiveState state =
            new LiveState(JsonNodeFactory.instance.objectNode().put("pipeline", "demo"));

    @Test
    void points_areKeptForAnHour_tenMinutesOfThemSecondBySecond() throws Exception {
        int seconds = 2 * 3600;
        for (int second = 1; second <= seconds; second++) {
            state.addPoint(node().put("t", 1000L * second).put("x", second), node());
        }

        JsonNode points = snapshot().path("points");
        assertThat(points).hasSize(1200);
        assertThat(points.get(0).path("t").asLong()).isBetween(1000L * (seconds - 3601), 1000L * (seconds - 3590));
        assertThat(points.get(1).path("t").asLong() - points.get(0).path("t").asLong())
                .isEqualTo(5000);
        assertThat(points.get(1199).path("t").asLong()
                        - points.get(1198).path("t").asLong())
                .isEqualTo(1000);
    }

    @Test
    void drift_alarmsAreMarksAndFeaturesAreCells() throws Exception {
        state.addDrift(node().put("level", "none").put("feature", "x").put("detector", "psi"));
        state.addDrift(node().put("level", "drift").putNull("feature").put("detector", "adwin"));
        state.addDrift(node().put("level", "none").putNull("feature").put("detector", "adwin"));

        assertThat(snapshot().path("heat")).hasSize(1);
        assertThat(snapshot().path("alarms")).hasSize(1);
    }

    @Test
    void letters_areOnePerReason() throws Exception {
        state.addLetter(node().put("reason", "not-json").put("sample", "a"));
        state.addLetter(node().put("reason", "not-json").put("sample", "b"));
        state.addLetter(node().put("reason", "too-large").put("sample", "c"));

        assertThat(snapshot().path("letters")).hasSize(2);
        assertThat(snapshot().path("letters").get(0).path("sample").asText()).isEqualTo("b");
        assertThat(snapshot().path("letters").get(0).path("count").asLong()).isEqualTo(2);
    }

    @Test
    void classErrors_whileNothingIsKnown_stayAsTheyWere() throws Exception {
        state.addPoint(node().put("x", 1), node().put("teacher", 0.25));
        state.addPoint(node().putNull("x"), node().putNull("teacher"));

        assertThat(snapshot().path("classErrors").path("teacher").asDouble()).isEqualTo(0.25);
    }

    @Test
    void subscriber_thatDoesNotKeepUp_isSentAway() {
        try (LiveState.Subscription slow = state.subscribe()) {
            for (int i = 0; i < 300; i++) {
                state.addDecision(node().put("step", i));
            }
            assertThat(slow.isOpen()).isFalse();
            assertThat(state.subscribers()).isZero();
        }
    }

    private JsonNode snapshot() throws Exception {
        try (LiveState.Subscription subscription = state.subscribe()) {
            return new ObjectMapper().readTree(subscription.queue().remove().data());
        }
    }

    private static ObjectNode node() {
        return JsonNodeFactory.instance.objectNode();
    }
}
