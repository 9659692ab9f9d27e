package dev.reflux.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.util.SerializedThrowable;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class ErrorTextTest {
    @Test
    void of_manyWrappers_isTheInnermostCause() {
        Throwable error = new CompletionException(new JobExecutionException(
                new JobID(), "Job execution failed.", new IllegalStateException("lag is -1")));

        assertThat(ErrorText.of(error)).isEqualTo("lag is -1");
    }

    @Test
    void of_anExceptionOfOurOwn_isItsMessageWhateverCausedIt() {
        Throwable error = new RuntimeException(new UsageException("choose another port", new IOException("bind")));

        assertThat(ErrorText.of(error)).isEqualTo("choose another port");
    }

    @Test
    void of_anExceptionThatFlinkCarriedAsBytes_isUnpacked() {
        Throwable error = new RuntimeException("outer", new SerializedThrowable(new UsageException("the inner one")));

        assertThat(ErrorText.of(error)).isEqualTo("the inner one");
        assertThat(ErrorText.chain(error)).hasAtLeastOneElementOfType(UsageException.class);
    }

    @Test
    void of_aForeignException_namesItsKind() {
        assertThat(ErrorText.of(new IOException("disk full"))).isEqualTo("IOException: disk full");
        assertThat(ErrorText.of(new NullPointerException())).isEqualTo("NullPointerException");
    }

    @Test
    void of_eventsThatAreGone_saysHowToGoOnWithoutThem() {
        Throwable error = new RuntimeException(
                "One or more fetchers have encountered exception",
                new OffsetOutOfRangeException(
                        "offset 50 of a.events-0", Map.of(new TopicPartition("a.events", 0), 50L)));

        assertThat(ErrorText.of(error))
                .isEqualTo(
                        "events were deleted from their topic before they were read (offset 50 of a.events-0); to go on"
                                + " without them set kafka.properties: { auto.offset.reset: earliest }");
    }

    @Test
    void of_aCircleOfCauses_ends() {
        IOException one = new IOException("one");
        IOException other = new IOException("other", one);
        one.initCause(other);

        assertThat(ErrorText.of(one)).isEqualTo("IOException: other");
    }
}
