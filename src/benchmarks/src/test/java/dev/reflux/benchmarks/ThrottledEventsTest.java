package dev.reflux.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class ThrottledEventsTest {

    private final AtomicLong read = new AtomicLong();
    private final AtomicLong asked = new AtomicLong();

    @Test
    void next_oneInAThousand_isCutOff() {
        ThrottledEvents events = new ThrottledEvents(ThrottledEventsTest::event, 2_500, 10_000, () -> 0);
        int cut = 0;
        int whole = 0;
        while (events.hasNext()) {
            boolean complete = new String(events.next(), StandardCharsets.US_ASCII).endsWith("}");
            whole += complete ? 1 : 0;
            cut += complete ? 0 : 1;
        }

        assertThat(cut).isEqualTo(2).isEqualTo((int) ThrottledEvents.broken(2_500));
        assertThat(whole).isEqualTo(2_498);
    }

    @Test
    void next_tooFarAhead_waitsForTheReader() throws Exception {
        ThrottledEvents events = new ThrottledEvents(ThrottledEventsTest::event, 10_000, 2_000, this::answer);
        for (int i = 0; i < 3_000; i++) {
            events.next();
        }
        CompletableFuture<byte[]> blocked = CompletableFuture.supplyAsync(events::next);
        awaitQuestions();
        assertThat(blocked).isNotDone();

        read.set(1_000);

        assertThat(blocked.get(10, TimeUnit.SECONDS)).isEqualTo(event(3_000));
    }

    @Test
    void end_whileWaiting_letsTheProducerGo() throws Exception {
        ThrottledEvents events = new ThrottledEvents(ThrottledEventsTest::event, 10_000, 0, this::answer);
        for (int i = 0; i < 1_000; i++) {
            events.next();
        }
        CompletableFuture<byte[]> blocked = CompletableFuture.supplyAsync(events::next);
        awaitQuestions();

        events.end();

        assertThat(blocked.get(10, TimeUnit.SECONDS)).isNotEmpty();
        assertThat(events.hasNext()).isFalse();
    }

    private long answer() {
        asked.incrementAndGet();
        return read.get();
    }

    /** Until the producer has asked, and asked again because it may not go on. */
    private void awaitQuestions() {
        long before = asked.get();
        while (asked.get() < before + 2) {
            Thread.onSpinWait();
        }
    }

    private static byte[] event(long index) {
        return ("{\"id\":" + index + "}").getBytes(StandardCharsets.US_ASCII);
    }
}
