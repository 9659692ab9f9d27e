package dev.reflux.events.csv;

/** A CSV file does not hold what the schema asks for; the message names the file and, where there is one, the line. */
public final class CsvException extends RuntimeException {

    private static final long serialVersionUID = 1;

    CsvException(String message) {
        super(message);
    }

    CsvException(String message, Throwable cause) {
        super(message, cause);
    }
}
