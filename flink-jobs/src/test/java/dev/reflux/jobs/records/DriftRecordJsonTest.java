package dev.reflux.jobs.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.drift.DriftLevel;
import dev.reflux.drift.DriftRecord;
import dev.reflux.jobs.records.DriftRecordJson.Position;
import dev.reflux.jobs.records.DriftRecordJson.Published;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DriftRecordJsonTest {

    private static final long TIME = Instant.parse("2026-01-31T12:00:00.250Z").toEpochMilli();
    private static final DriftRecord DRIFT = new DriftRecord(
            "stream",
            "feature",
            "nswprice",
            "kolmogorov-smirnov",
            0.34,
            0.2,
            0.0625,
            1.5e-9,
            DriftLevel.DRIFT,
            10_000,
            12_000,
            11_999,
            10_000L);
    private static final DriftRecord OF_VERSION_1 = new DriftRecord(
            "phone",
            "student-error",
            null,
            "adwin",
            0.13046594982078852,
            0.125,
            0.29,
            null,
            DriftLevel.DRIFT,
            10_000,
            10_256,
            10_207,
            10_048L);

    private static final Published PUBLISHED = new Published(
            "electricity",
            DRIFT,
            new Position(3, 123_456_789_012L, TIME),
            new Position(3, 123_456_787_000L, TIME - 60_000),
            List.of("learning-rate", "publication"));

    @Test
    void write_aDrift_isTheGoldenFile() throws IOException {
        assertThat(new String(DriftRecordJson.write(PUBLISHED), StandardCharsets.UTF_8))
                .isEqualTo(golden());
    }

    @Test
    void read_theGoldenFile_givesTheRecord() throws IOException {
        assertThat(read(golden())).isEqualTo(PUBLISHED);
    }

    @Test
    void read_version1_givesTheRecordWithoutWhatItLacks() throws IOException {
        assertThat(read(golden("drift-1.json")))
                .isEqualTo(new Published(
                        "electricity", OF_VERSION_1, new Position(3, 123_456_789_012L, TIME), null, List.of()));
    }

    @Test
    void read_beforeTheFirstTest_bringsBackWhatJsonCannotHold() {
        DriftRecord quiet = new DriftRecord(
                "teacher",
                "teacher-error",
                null,
                "adwin",
                0,
                Double.POSITIVE_INFINITY,
                Double.NaN,
                null,
                DriftLevel.NONE,
                0,
                10,
                9,
                null);
        byte[] json =
                DriftRecordJson.write(new Published("electricity", quiet, new Position(0, 9, 0), null, List.of()));

        assertThat(new String(json, StandardCharsets.UTF_8))
                .contains("\"threshold\":null,\"estimate\":null,\"probability\":null")
                .contains("\"changeEvent\":null")
                .endsWith("\"changePartition\":null,\"changeOffset\":null,\"changeTime\":null,\"reactions\":[]}");
        assertThat(DriftRecordJson.read(json).drift()).isEqualTo(quiet);
    }

    @Test
    void read_newerVersion_isRefused() throws IOException {
        String newer = golden().replace("\"version\":2", "\"version\":3");
        assertThatThrownBy(() -> read(newer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("drift record: version 3 found, this build reads up to 2");
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
        assertThatThrownBy(() -> read(golden.replace("\"event\":11999", "\"event\":\"x\"")))
                .hasMessage("drift record: event: \"x\" found, must be a whole number");
        assertThatThrownBy(() -> read(golden.replace("\"metric\":\"feature\",", "")))
                .hasMessage("drift record: metric: nothing found, must be a text");
        assertThatThrownBy(() -> read(golden.replace("\"level\":\"drift\"", "\"level\":\"flood\"")))
                .hasMessage("level: 'flood' found, must be none, warning or drift");
        assertThatThrownBy(() -> read(golden.replace("2026-01-31T12:00:00", "yesterday 12:00:00")))
                .hasMessage(
                        "drift record: time 'yesterday 12:00:00.250Z' found, must be ISO 8601 such as 2026-01-31T12:00:00Z");
        assertThatThrownBy(() -> read("{")).hasMessageStartingWith("drift record: not JSON, ");
        assertThatThrownBy(() -> read("")).hasMessage("drift record: version: nothing found, must be a whole number");
    }

    private static Published read(String json) {
        return DriftRecordJson.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String golden() throws IOException {
        return golden("drift-2.json");
    }

    private static String golden(String name) throws IOException {
        try (InputStream file = Objects.requireNonNull(DriftRecordJsonTest.class.getResourceAsStream(name))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
