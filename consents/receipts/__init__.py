"""What somebody gets after an answer: a page, a PDF, a record after ISO/IEC TS 27560, a FHIR R4 Consent."""
