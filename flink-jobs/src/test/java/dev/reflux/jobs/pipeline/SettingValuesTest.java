package dev.reflux.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingValuesTest {

    @ParameterizedTest
    @CsvSource({
        "512KiB,524288,512KiB",
        "1024 KiB,1048576,1MiB",
        "2MB,2000000,2000000B",
        "0B,0,0B",
        "3GiB,3221225472,3GiB"
    })
    void dataSize_written_isBytesAndBack(String text, long bytes, String printed) {
        assertThat(DataSize.parse(text).bytes()).isEqualTo(bytes);
        assertThat(DataSize.parse(text)).hasToString(printed);
    }

    @Test
    void dataSize_tooLarge_isRefused() {
        assertThatThrownBy(() -> DataSize.parse("99999999999GiB"))
                .hasMessage("'99999999999GiB' is larger than this machine can count");
    }

    @ParameterizedTest
    @CsvSource({"50ms,50,50ms", "10s,10000,10s", "90s,90000,90s", "60s,60000,1min", "24h,86400000,1d", "0s,0,0ms"})
    void duration_written_isMillisecondsAndBack(String text, long millis, String printed) {
        assertThat(Texts.parseDuration(text)).isEqualTo(Duration.ofMillis(millis));
        assertThat(Texts.duration(Texts.parseDuration(text))).isEqualTo(printed);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "0.5,0.5", "1e-8,1e-8", "0.002,0.002", "1.5e20,1.5e20", "-3,-3", "0.1234567,0.1234567"})
    void number_printed_hasNoNeedlessDigits(double value, String printed) {
        assertThat(Double.parseDouble(Texts.number(value))).isEqualTo(value);
        assertThat(Texts.number(value)).isEqualTo(printed);
    }

    @ParameterizedTest
    @CsvSource({"200 batches,200,BATCHES,200 batches", "1 event,1,EVENTS,1 event", "1 batches,1,BATCHES,1 batch"})
    void cadence_written_isCountAndUnitAndBack(String text, long count, Cadence.Unit unit, String printed) {
        assertThat(Cadence.parse(text)).isEqualTo(new Cadence(count, unit)).hasToString(printed);
    }

    @Test
    void batchStep_rows_areBoundedByTheBatch() {
        assertThat(BatchStep.EVENT.rows(256)).isEqualTo(1);
        assertThat(BatchStep.BATCH.rows(256)).isEqualTo(256);
        assertThat(BatchStep.parse("8").rows(256)).isEqualTo(8);
        assertThat(BatchStep.parse("8").rows(3)).isEqualTo(3);
        assertThat(List.of(BatchStep.parse("1"), BatchStep.parse("batch"), BatchStep.parse("8")))
                .extracting(BatchStep::toString)
                .containsExactly("event", "batch", "8");
    }

    @Test
    void nearest_word_isWithinAThirdOfItsLetters() {
        List<String> known = List.of("bootstrapServers", "startFrom", "properties");
        assertThat(Texts.nearest("bootstrap.servers", known)).hasValue("bootstrapServers");
        assertThat(Texts.nearest("BOOTSTRAPSERVERS", known)).hasValue("bootstrapServers");
        assertThat(Texts.nearest("strat", List.of("start"))).hasValue("start");
        assertThat(Texts.nearest("topic", known)).isEmpty();
    }

    @Test
    void settings_madeInCode_keepTheirRules() {
        assertThatThrownBy(() -> new BatchSettings(0, MaxDelay.OFF, BatchStep.EVENT))
                .isInstanceOf(OptionException.class)
                .hasMessage("size: 0 found, must be in [1, 65536] events");
        assertThatThrownBy(() -> new NetworkSettings.Mlp(
                        List.of(4, 0), dev.reflux.distillation.network.Activation.RELU, false, false, 0))
                .hasMessage("hidden: 0 found, must be in [1, 65536]");
    }

    @Test
    void keySource_fileOrVariable_isReadWhereItIs(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("key"), "the key\n");

        assertThat(KeySource.parse("file:" + file).read("o", Map.of())).isEqualTo("the key\n");
        assertThat(KeySource.parse("env:KEY").read("o", Map.of("KEY", "from outside")))
                .isEqualTo("from outside");
        assertThat(KeySource.parse("env:KEY")).hasToString("env:KEY");
        assertThatThrownBy(() -> KeySource.parse("env:KEY").read("checkpoints.signature.key", Map.of()))
                .hasMessage("checkpoints.signature.key: the key cannot be read, the environment variable KEY is not set"
                        + " for this process");
        assertThatThrownBy(() -> KeySource.parse("file:/nowhere/key").read("o", Map.of()))
                .hasMessageContaining("o: the key cannot be read from file /nowhere/key");
    }

    @Test
    void keySource_aKeyByMistake_isNotShown() {
        assertThatThrownBy(() -> PipelineReader.read(SIGNED.replace("env:REFLUX_KEY", "hunter2-hunter2")))
                .hasMessageContaining("checkpoints.signature.key")
                .hasMessageContaining("must say where the key is: file:PATH or env:VARIABLE")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
    }

    @Test
    void signature_written_saysWhereTheKeyIs() {
        Pipeline pipeline = PipelineReader.read(SIGNED);

        assertThat(PipelineWriter.masked(pipeline)).contains("""
                  signature:
                    type: hmac-sha256
                    keyId: main
                    key: env:REFLUX_KEY
                """);
        assertThat(PipelineReader.read(PipelineWriter.complete(pipeline))).isEqualTo(pipeline);
        assertThatThrownBy(() -> PipelineReader.read(SIGNED.replace("hmac-sha256, key: env:REFLUX_KEY", "ed25519")))
                .hasMessageContaining("neither key nor publicKey given");
    }

    private static final String SIGNED = """
            pipeline: p
            events: { label: { classes: [a, b] }, features: [ { name: x, type: numeric } ] }
            checkpoints: { signature: { type: hmac-sha256, key: env:REFLUX_KEY } }
            """;
}
