package dev.reflux.service.runs;

import dev.reflux.service.UsageException;
import dev.reflux.service.embedded.EmbeddedKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/** The embedded broker of a pipeline that is always on: its data stay, and so does its port, which producers know. */
final class RememberedBroker {
    private final Path data;
    private final Path portFile;

    RememberedBroker(Path folder) {
        this.data = folder.resolve("kafka");
        this.portFile = folder.resolve("kafka.port");
    }

    /** @param wanted port; empty for the one of before, a free one the first time */
    EmbeddedKafka start(OptionalInt wanted) {
        OptionalInt port = wanted.isPresent() ? wanted : remembered();
        EmbeddedKafka kafka = port.isPresent() ? EmbeddedKafka.start(data, port.getAsInt()) : EmbeddedKafka.start(data);
        try {
            Files.writeString(portFile, kafka.port() + "\n");
        } catch (IOException e) {
            kafka.close();
            throw new UncheckedIOException("the broker's port cannot be written to " + portFile, e);
        }
        return kafka;
    }

    private OptionalInt remembered() {
        if (!Files.exists(portFile)) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(Integer.parseInt(Files.readString(portFile).strip()));
        } catch (IOException | NumberFormatException e) {
            throw new UsageException(
                    "the broker's port cannot be read from " + portFile + "; give it with --kafka-port", e);
        }
    }
}
