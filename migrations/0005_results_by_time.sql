-- Results in the order in which the calls ended, of one campaign and of all: for exports.

CREATE INDEX dialing_result_time ON dialing_result (tm_end, sequence);
CREATE INDEX dialing_result_campaign ON dialing_result (campaign, tm_end, sequence);
