package dev.reflux.jobs.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftRecord;
import dev.reflux.jobs.records.DriftRecordJson.Published;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DriftRecordJsonTest {

    private static final long TIME = Instant.parse("2026-01-31T12:00:00.250Z").toEpochMilli();
    private static final DriftRecord DRIFT = new DriftRecord(
            "phone",
            "student-error",
            "adwin",
            0.13046594982078852,
            0.125,
            0.29,
            DriftLevel.DRIFT,
            10_000,
            10_256,
            10_207,
            10_048L);

    @Test
    void write_aDrift_isTheGoldenFile() throws IOException {
        assertThat(new String(
                        DriftRecordJson.write("electricity", DRIFT, 3, 123_456_789_012L, TIME), StandardCharsets.UTF_8))
                .isEqualTo(golden());
    }

    @Test
    void read_theGoldenFile_givesTheRecord() throws IOException {
        assertThat(read(golden())).isEqualTo(new Published("electricity", DRIFT, 3, 123_456_789_012L, TIME));
    }

    @Test
    void read_beforeTheFirstTest_bringsBackWhatJsonCannotHold() {
        DriftRecord quiet = new DriftRecord(
                "teacher",
                "teacher-error",
                "adwin",
                0,
                Double.POSITIVE_INFINITY,
                Double.NaN,
                DriftLevel.NONE,
                0,
                10,
                9,
                null);
        byte[] json = DriftRecordJson.write("electricity", quiet, 0, 9, 0);

        assertThat(new String(json, StandardCharsets.UTF_8))
                .contains("\"threshold\":null,\"estimate\":null")
                .contains("\"changeEvent\":null");
        assertThat(DriftRecordJson.read(json).drift()).isEqualTo(quiet);
    }

    @Test
    void read_newerVersion_isRefused() throws IOException {
        String newer = golden().replace("\"version\":1", "\"version\":2");
        assertThatThrownBy(() -> read(newer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("drift record: version 2 found, this build reads up to 1");
    }

    @Test
    void read_unknownField_isIgnored() throws IOException {
        assertThat(read(golden().replace("{\"version\"", "{\"later\":[1],\"version\""))
                        .drift())
                .isEqualTo(DRIFT);
    }

    @Test
    void read_badFields_areNamed() throws IOException {
        String golden = golden();
        assertThatThrownBy(() -> read(golden.replace("\"event\":10207", "\"event\":\"x\"")))
                .hasMessage("drift record: event: \"x\" found, must be a whole number");
        assertThatThrownBy(() -> read(golden.replace("\"metric\":\"student-error\",", "")))
                .hasMessage("drift record: metric: nothing found, must be a text");
        assertThatThrownBy(() -> read(golden.replace("\"level\":\"drift\"", "\"level\":\"flood\"")))
                .hasMessage("level: 'flood' found, must be none, warning or drift");
        assertThatThrownBy(() -> read(golden.replace("2026-01-31T", "yesterday ")))
                .hasMessage(
                        "drift record: time 'yesterday 12:00:00.250Z' found, must be ISO 8601 such as 2026-01-31T12:00:00Z");
        assertThatThrownBy(() -> read("{")).hasMessageStartingWith("drift record: not JSON, ");
        assertThatThrownBy(() -> read("")).hasMessage("drift record: version: nothing found, must be a whole number");
    }

    private static Published read(String json) {
        return DriftRecordJson.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String golden() throws IOException {
        try (InputStream file = Objects.requireNonNull(DriftRecordJsonTest.class.getResourceAsStream("drift-1.json"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
