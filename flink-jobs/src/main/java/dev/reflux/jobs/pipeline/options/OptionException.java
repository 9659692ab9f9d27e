package dev.reflux.jobs.pipeline.options;

/** A rule that spans several options, broken: the reader reports it at the option that is to be changed. */
public final class OptionException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    private final String option;
    private final String rule;

    /**
     * @param option path of the option below the record that throws; empty for the record itself
     * @param rule value found, rule broken, how to mend
     */
    public OptionException(String option, String rule) {
        super(option.isEmpty() ? rule : option + ": " + rule);
        this.option = option;
        this.rule = rule;
    }

    public String option() {
        return option;
    }

    public String rule() {
        return rule;
    }
}
