package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The endpoint with metrics, health and the live page. */
public record MonitorSettings(
        @Option(
                description = "Address that it listens at; anything but loopback lets other machines in",
                defaultValue = "127.0.0.1",
                pattern = "\\S+",
                patternInWords = "an address or the name of one")
        String host,

        @Option(
                description = "Its port, or the next of ten that is free; 0 takes any",
                defaultValue = "8474",
                range = "[0, 65535]")
        int port,

        @Option(
                description =
                        "Where the token is found that callers must bear, file:PATH or env:VARIABLE; needed for all but /livez and the empty page")
        @Nullable
        KeySource token,

        @Option(description = "Certificate and key of HTTPS; without, it speaks HTTP") @Nullable
        TlsSettings tls,

        @Option(
                description = "Age of the last Flink checkpoint from which on the pipeline is not ready",
                defaultValue = "5min",
                range = "[1, 31536000]")
        Duration maxCheckpointAge,

        @Option(
                description = "Age of a published student from which on the pipeline is not ready",
                defaultValue = "1h",
                range = "[1, 31536000]")
        Duration maxStudentAge,

        @Option(
                description =
                        "Where `reflux monitor` finds the metrics of a cluster's processes: the URLs of their reporters",
                defaultValue = "[]")
        List<String> scrape,

        @Option(description = "A receiver that metrics are sent to as well, in the OpenTelemetry protocol") @Nullable
        OtlpSettings otlp) {

    /** HTTPS. */
    public record TlsSettings(
            @Option(description = "Where the certificate and its chain are found: file:PATH or env:VARIABLE; PEM")
            KeySource certificate,

            @Option(description = "Where the private key is found: file:PATH or env:VARIABLE; PKCS#8 in PEM")
            KeySource key) {
        public TlsSettings {
            Options.check(TlsSettings.class, certificate, key);
        }
    }

    /** OTLP over HTTP. */
    public record OtlpSettings(
            @Option(
                    description = "The receiver, such as http://localhost:4318/v1/metrics",
                    pattern = "https?://\\S+",
                    patternInWords = "an http or https URL")
            String url,

            @Option(description = "Time between two sendings", defaultValue = "30s", range = "[1, 3600]")
            Duration step) {
        public OtlpSettings {
            Options.check(OtlpSettings.class, url, step);
        }
    }

    public MonitorSettings {
        scrape = List.copyOf(scrape);
        Options.check(MonitorSettings.class, host, port, token, tls, maxCheckpointAge, maxStudentAge, scrape, otlp);
        for (String url : scrape) {
            if (!url.matches("https?://\\S+")) {
                throw new OptionException(
                        "scrape",
                        "'" + url + "' found, must be an http or https URL such as http://taskmanager:9249/metrics");
            }
        }
    }
}
